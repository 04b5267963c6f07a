package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ResultsTable;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.attunet.train.RunMeasurement;
import org.attunet.train.Trainer;
import org.attunet.train.TrainingJob;
import org.attunet.train.TrainingOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A training with progress and stop signals, its evaluation and its output.
 *
 * @param result of the training
 * @param warnings about the data and the start of the training, a sentence each
 * @param measurement of the held-out cases, or of those for validation if none were held out; null if the training was
 *     stopped early
 */
record TrainingSession(
        TrainingOutcome.Result result,
        List<String> warnings,
        @Nullable RunMeasurement measurement) {
    /**
     * Trains, then measures the held-out cases (those for validation if none were held out) and writes the report into
     * the run. Ctrl-C and SIGTERM end the training early; the run can then be resumed.
     *
     * @param ranks processes that train together on this machine, this one included
     * @param dataWarnings for the report
     */
    static TrainingSession run(Console console, Run run, TrainingJob job, int ranks, List<String> dataWarnings) {
        List<String> startWarnings = job.startWarnings(run);
        console.warnings(startWarnings);
        List<String> warnings =
                Stream.concat(dataWarnings.stream(), startWarnings.stream()).toList();
        TrainingOutcome outcome =
                ranks == 1 ? train(console, run, job, ProcessGroup.alone()) : trainTogether(console, run, job, ranks);
        if (!outcome.result().finished()) {
            return new TrainingSession(outcome.result(), warnings, null);
        }
        int cases = RunMeasurement.cases(job);
        try (ProgressDisplay progress = ProgressDisplay.start(console, "Evaluating", cases)) {
            return new TrainingSession(
                    outcome.result(), warnings, RunMeasurement.of(run, job, outcome, warnings, progress::reached));
        }
    }

    private static TrainingOutcome trainTogether(Console console, Run run, TrainingJob job, int count) {
        try (var together = LocalRanks.start(count, job)) {
            ProcessGroup ranks = together.ranks();
            return ranks.guarded(() -> train(console, run, job, ranks));
        } finally {
            // The other processes have ended, so this one may use all threads again.
            Natives.threads(job.config().compute().threads());
            Natives.blasThreads(job.config().compute().threads());
        }
    }

    private static TrainingOutcome train(Console console, Run run, TrainingJob job, ProcessGroup ranks) {
        try (var progress = new TrainingProgress(console);
                var trainer = new Trainer(run, job, ranks, progress)) {
            StopSignals.stopBy(trainer::requestStop);
            TrainingOutcome outcome = trainer.train();
            StopSignals.saved("the training is saved; measure it with 'attunet evaluate"
                    + (job.holdsOut() ? "'." : " --split validation'."));
            return outcome;
        }
    }

    /** Whether the training was stopped before its end, and so wasn't measured. */
    boolean stopped() {
        return measurement == null;
    }

    /** One sentence for each case that could not be measured. */
    List<String> problems() {
        return measurement == null ? List.of() : measurement.evaluation().unreadable();
    }

    /** Prints the result, with more text behind its own, and returns the exit code. */
    int print(Console console, Run run, String more) {
        console.result(() -> json(run), () -> text(run) + more);
        return console.problems(problems());
    }

    /** The result as JSON. */
    ObjectNode json(Run run) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run.folder().toString());
        json.put("steps", result.steps()).put("minutes", result.minutes());
        json.put("finished", result.finished());
        json.put("validation_dice", result.best()).put("best_step", result.bestStep());
        json.put("waiting_share", result.waiting());
        warnings.forEach(json.putArray("warnings")::add);
        if (measurement != null) {
            Evaluation evaluation = measurement.evaluation();
            json.put("mean_dice", evaluation.summary().meanDice()).put("held_out", measurement.heldOut());
            json.put("report", measurement.report().toString());
            json.setAll(ResultsTable.toJson(evaluation.results(), evaluation.summary()));
            if (!evaluation.objects().isEmpty()) {
                json.set("objects", ObjectResults.toJson(evaluation.objects()));
            }
            problems().forEach(json.putArray("problems")::add);
        }
        return json;
    }

    private String text(Run run) {
        String course = Wording.format(
                "%d steps in %.1f minutes, of which %.1f%% waiting for batches; best validation Dice %.4f at step %d%n",
                result.steps(), result.minutes(), 100 * result.waiting(), result.best(), result.bestStep());
        if (measurement == null) {
            return course + "stopped; resume with: attunet train DATA -o " + run.folder() + " --resume";
        }
        Evaluation evaluation = measurement.evaluation();
        return course
                + (evaluation.objects().isEmpty()
                        ? ""
                        : ObjectResults.toText(evaluation.objects()).stripLeading())
                + Wording.format(
                        "mean Dice %.4f over %s %s%nreport: %s",
                        evaluation.summary().meanDice(),
                        Wording.counted(evaluation.results().size(), "case"),
                        measurement.heldOut()
                                ? "held out from training"
                                : "that chose the weights, so the figure is optimistic",
                        measurement.report());
    }
}
