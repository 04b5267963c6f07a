package org.attunet.spark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.attunet.console.ProgressDisplay;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.segment.SegmentJob;
import org.attunet.spark.segment.SegmentSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet spark segment}: segments any number of scans and lists them in a table. */
@Command(
        name = "segment",
        description = {
            "Segment a folder, a pattern or a manifest of scans; writes masks and one Parquet table.",
            "Finished scans, judged by the content of scan and model, are skipped. A scan that fails is a row with an"
                    + " error."
        },
        footer = {
            "",
            "Examples:",
            "  attunet spark segment model.zip scans -o results",
            "  attunet spark segment model.zip 'hdfs://host/scans/*/*.nii.gz' -o hdfs://host/results --master"
                    + " spark://host:7077",
            "  attunet spark segment model.zip scans.csv -o results      columns path and optionally case"
        })
final class SparkSegmentCommand extends JobCommand {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A bundle, zip or folder; local:/PATH is a path on every machine.")
    private String model;

    @Parameters(index = "1", paramLabel = "IN", description = "A folder, image, pattern, or manifest (.csv, .parquet).")
    private String input;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "The folder for masks/, records/ and cases.parquet.")
    private String output;

    @Mixin
    private ModelOptions models;

    @Option(names = "--probabilities", description = "Also write each class's probabilities.")
    private boolean probabilities;

    @Option(names = "--attention", description = "Also write where each attention gate looked.")
    private boolean attention;

    @Option(names = "--uncertainty", description = "Also write each voxel's entropy.")
    private boolean uncertainty;

    @Option(
            names = "--objects",
            description =
                    "Write objects, each with a number of its own, in place of masks, and objects.parquet (a model"
                            + " of objects does so by itself).")
    private boolean objects;

    @Override
    void setDefaults(SparkConf conf) {
        // The network is native code. For the rest, the second compiler gains nothing measurable and costs each new
        // executor two seconds of its core.
        conf.setIfMissing("spark.executor.defaultJavaOptions", "-XX:TieredStopAtLevel=1");
    }

    @Override
    int run(SparkSession spark) {
        var options = SegmenterOptions.defaults()
                .withProbabilities(probabilities)
                .withAttention(attention)
                .withUncertainty(uncertainty);
        var job = new SegmentJob(
                spark, models.all(model), models.settings(options).withObjects(objects));
        SegmentSummary summary;
        try (var display = display("Segmenting")) {
            summary = job.run(input, output, showing(display, "cases"));
        }
        summary.errors().forEach(error -> console().message("attunet: " + error));
        console().warnings(summary.warnings());
        console().result(() -> json(summary), () -> text(summary));
        return summary.failed() == summary.cases() ? ExitCode.SOFTWARE : ExitCode.OK;
    }

    private static String text(SegmentSummary summary) {
        return String.format(
                Locale.ROOT,
                "%d cases: %d segmented, %d done before, %d failed, %d with warnings, in %s%nmasks: %s%ntable: %s",
                summary.cases(),
                summary.done(),
                summary.skipped(),
                summary.failed(),
                summary.warned(),
                ProgressDisplay.duration(summary.seconds()),
                summary.masks(),
                summary.table());
    }

    private static ObjectNode json(SegmentSummary summary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cases", summary.cases()).put("done", summary.done());
        json.put("skipped", summary.skipped()).put("failed", summary.failed());
        json.put("seconds", summary.seconds()).put("case_seconds", summary.caseSeconds());
        json.put("masks", summary.masks()).put("table", summary.table());
        summary.errors().forEach(json.putArray("errors")::add);
        json.put("warned", summary.warned());
        summary.warnings().forEach(json.putArray("warnings")::add);
        return json;
    }
}
