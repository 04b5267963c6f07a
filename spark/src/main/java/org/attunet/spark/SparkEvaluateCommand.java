package org.attunet.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.ConfigException;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.evaluate.EvaluateJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet spark evaluate}: measures a model on any number of cases. */
@Command(
        name = "evaluate",
        description = {
            "Measure a model, or existing masks, on cases with true masks; writes one Parquet table and prints a"
                    + " summary.",
            "The measures are those of 'attunet evaluate'. A bundle doesn't record which cases its training saw: all"
                    + " are measured, and those flatter it."
        },
        footer = {
            "",
            "Examples:",
            "  attunet spark evaluate model.zip data -o results",
            "  attunet spark evaluate model.zip data -o results --prediction results/masks",
            "  attunet spark evaluate model.zip cases.csv -o results     columns path, mask and optionally case"
        })
final class SparkEvaluateCommand extends JobCommand {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A bundle, zip or folder; local:/PATH is a path on every machine.")
    private String model;

    @Parameters(
            index = "1",
            paramLabel = "DATA",
            description = "A data set with masks, or a manifest (.csv, .parquet).")
    private String data;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "The folder for metrics.parquet.")
    private String output;

    @Option(
            names = "--prediction",
            paramLabel = "DIR",
            description = "Measure these masks, matched by name, instead of new ones; a missing one counts as empty.")
    private @Nullable String prediction;

    @Option(
            names = "--tolerance",
            paramLabel = "LENGTH",
            description =
                    "Tolerance of the normalised surface Dice, in mm, or in pixels of images without a physical size"
                            + " (default: 1 mm or 1 pixel; of pixels below 20 µm their longest side).")
    private @Nullable Double tolerance;

    @Mixin
    private IgnoreOptions ignore;

    @Mixin
    private ModelOptions models;

    @Override
    int run(SparkSession spark) {
        if (tolerance != null && (!(tolerance >= 0) || Double.isInfinite(tolerance))) {
            throw new ConfigException("--tolerance", tolerance, "a length of 0 or more");
        }
        var job = new EvaluateJob(spark, models.all(model), models.settings(SegmenterOptions.defaults()));
        EvaluateJob.Result result;
        try (var display = display("Evaluating")) {
            result = job.run(
                    data, prediction, output, ignore.value(), new Tolerance(tolerance), showing(display, "cases"));
        }
        console().notes(result.notes());
        result.errors().forEach(error -> console().message("attunet: " + error));
        console().message("table: " + result.table());
        console()
                .result(
                        () -> json(result),
                        () -> ResultsTable.toText(result.results(), result.summary(), result.labels()));
        return result.errors().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static ObjectNode json(EvaluateJob.Result result) {
        ObjectNode json = ResultsTable.toJson(result.results(), result.summary());
        json.put("table", result.table());
        result.errors().forEach(json.putArray("problems")::add);
        result.notes().forEach(json.putArray("notes")::add);
        return json;
    }
}
