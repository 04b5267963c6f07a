package org.attunet.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.io.WholeFile;
import org.attunet.metrics.ResultsTable;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.report.Fact;

/**
 * A finished training's measures on the cases that were held out (those for validation where none were), with the report
 * in the run.
 *
 * @param report the page
 * @param heldOut whether the cases were held out
 */
public record RunMeasurement(Evaluation evaluation, Path report, boolean heldOut) {
    /**
     * Predicts the cases and writes {@code report.html} and {@code cases.csv} into the run.
     *
     * @param dataWarnings for the report, before those of the course
     */
    public static RunMeasurement of(
            Run run,
            DataSet data,
            Split split,
            String device,
            TrainingOutcome course,
            List<String> dataWarnings,
            ProgressListener progress) {
        boolean heldOut = !split.test().isEmpty();
        List<Case> held = data.cases(heldOut ? split.test() : split.validation());
        List<String> warnings = new ArrayList<>(dataWarnings);
        warnings.addAll(course.warnings());
        try (Segmenter segmenter = run.segmenter(SegmenterOptions.defaults(), device)) {
            Evaluation evaluation = Evaluation.of(segmenter, held, 1, progress);
            Path report = run.folder().resolve("report.html");
            RunReport.write(
                    report,
                    "attunet: " + segmenter.model().name(),
                    (heldOut ? "Held-out" : "Validation") + " cases of " + data.root(),
                    segmenter,
                    evaluation,
                    held,
                    course.history(),
                    facts(course.result()),
                    warnings,
                    course.attention());
            WholeFile.writeString(run.folder().resolve("cases.csv"), ResultsTable.toCsv(evaluation.results()));
            return new RunMeasurement(evaluation, report, heldOut);
        }
    }

    private static List<Fact> facts(Trainer.Result result) {
        return List.of(
                Fact.of("training steps", Long.toString(result.steps())),
                Fact.of("minutes", String.format(Locale.ROOT, "%.1f", result.minutes())));
    }
}
