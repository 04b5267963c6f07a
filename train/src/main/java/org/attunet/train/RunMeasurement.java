package org.attunet.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.TrainingProfile;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.io.WholeFile;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Tolerance;
import org.attunet.objects.ObjectSettings;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.report.Fact;

/**
 * The measures of a finished training on the held-out cases (those for validation if none were held out), with the report
 * in the run.
 *
 * @param report the page
 * @param heldOut whether the cases were held out
 */
public record RunMeasurement(Evaluation evaluation, Path report, boolean heldOut) {
    /** Cases on which the thresholds of objects are chosen. */
    private static final int CHOOSING = 60;

    /**
     * Measures what the model keeps of its training cases, predicts the cases and writes {@code profile.json}, {@code
     * report.html} and {@code cases.csv} into the run.
     *
     * @param dataWarnings for the report, after the data set's own notes and before those of the training
     */
    public static RunMeasurement of(
            Run run, TrainingJob job, TrainingOutcome outcome, List<String> dataWarnings, ProgressListener progress) {
        List<Case> cases = job.measuredCases();
        List<Case> trained = job.data().cases(job.split().train());
        List<String> warnings = new ArrayList<>(job.data().notes());
        warnings.addAll(dataWarnings);
        outcome.warnings().forEach(warning -> warnings.add(warning.text()));
        TrainingOutcome.Result result = outcome.result();
        List<Fact> facts = List.of(
                new Fact("training steps", Long.toString(result.steps())),
                new Fact("minutes", String.format(Locale.ROOT, "%.1f", result.minutes())));
        try (Segmenter opened = run.segmenter(
                SegmenterOptions.defaults(), job.config().compute().device())) {
            int all = cases(job);
            int chosen = choosing(job);
            Segmenter segmenter = job.data().hasObjects()
                    ? withThresholds(run, job, opened, (done, total) -> progress.at(done, all))
                    : opened;
            TrainingProfile profile =
                    ProfileMeasurement.of(segmenter, trained, (done, total) -> progress.at(chosen + done, all));
            run.write(profile);
            int measured = chosen + Math.min(trained.size(), ProfileMeasurement.MOST_CASES);
            Evaluation evaluation = Evaluation.of(
                    segmenter.withProfile(profile),
                    cases,
                    Tolerance.DEFAULT,
                    (done, total) -> progress.at(measured + done, all));
            Path report = run.folder().resolve("report.html");
            new RunReport(
                            "attunet: " + segmenter.model().name(),
                            (job.holdsOut() ? "Held-out" : "Validation") + " cases of "
                                    + job.data().root(),
                            facts,
                            warnings,
                            outcome.history().rows(),
                            outcome.attention())
                    .write(report, segmenter, evaluation, cases);
            WholeFile.writeString(run.folder().resolve("cases.csv"), ResultsTable.toCsv(evaluation.results()));
            if (!evaluation.objects().isEmpty()) {
                WholeFile.writeString(run.folder().resolve("objects.csv"), ObjectResults.toCsv(evaluation.objects()));
            }
            return new RunMeasurement(evaluation, report, job.holdsOut());
        }
    }

    /**
     * Chooses how objects are found, on the validation cases and if these are few, on training cases too: a handful of images
     * says little about the smallest object, and thresholds memorise nothing.
     */
    private static Segmenter withThresholds(Run run, TrainingJob job, Segmenter segmenter, ProgressListener progress) {
        List<Case> cases = new ArrayList<>(job.data().cases(job.split().validation()));
        List<Case> trained = job.data().cases(job.split().train());
        int more = addedCases(job);
        for (int k = 0; k < more; k++) {
            cases.add(trained.get((int) ((long) k * trained.size() / more)));
        }
        ObjectSettings chosen = ObjectScore.choose(segmenter, cases, progress);
        run.write(chosen);
        return segmenter.withObjects(chosen);
    }

    private static int addedCases(TrainingJob job) {
        int wanted = CHOOSING - job.split().validation().size();
        return Math.max(0, Math.min(wanted, job.split().train().size()));
    }

    /** The steps of the choice of thresholds, 0 without objects. */
    private static int choosing(TrainingJob job) {
        return job.data().hasObjects()
                ? ObjectScore.steps(job.split().validation().size() + addedCases(job))
                : 0;
    }

    /** The steps of {@link #of}'s progress: cases that it predicts, and settings of objects that it tries. */
    public static int cases(TrainingJob job) {
        return choosing(job)
                + Math.min(job.split().train().size(), ProfileMeasurement.MOST_CASES)
                + job.measuredCases().size();
    }
}
