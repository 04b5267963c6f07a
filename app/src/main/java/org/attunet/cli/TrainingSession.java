package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.ModelDescription;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.metrics.ResultsTable;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.train.Evaluation;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.Run;
import org.attunet.train.RunMeasurement;
import org.attunet.train.Trainer;
import org.attunet.train.TrainingListener;
import org.attunet.train.TrainingOutcome;
import org.attunet.train.TrainingWarning;
import org.attunet.train.TransferReport;
import org.jspecify.annotations.Nullable;

/**
 * A training from its first step to its report: what {@code train} and {@code demo} have in common.
 *
 * @param result what the training came to
 * @param evaluation of the held-out cases, of those for validation where none were held out; null where the training was
 *     stopped before its end
 * @param report the page, null where there is no evaluation
 * @param heldOut whether the cases of the evaluation were held out
 */
record TrainingSession(
        Trainer.Result result,
        @Nullable Evaluation evaluation,
        @Nullable Path report,
        boolean heldOut) {
    /**
     * Trains, then measures the cases that were held out (those for validation where none were) and writes the report
     * into the run. Ctrl-C and SIGTERM end the training early and well; the run can then go on.
     */
    static TrainingSession run(
            Console console, Run run, ModelDescription model, TrainingConfig config, DataSet data, Split split) {
        return run(console, run, model, config, data, split, null, 1, List.of());
    }

    /**
     * The same, from another model's weights where one is given and the run has not begun.
     *
     * @param ranks processes that train together on this machine, this one among them
     * @param dataWarnings for the report
     */
    static TrainingSession run(
            Console console,
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            @Nullable PretrainedWeights from,
            int ranks,
            List<String> dataWarnings) {
        TrainingOutcome course = ranks == 1
                ? train(console, run, model, config, data, split, from, ProcessGroup.alone())
                : trainTogether(console, run, model, config, data, split, from, ranks);
        if (!course.result().finished()) {
            return new TrainingSession(course.result(), null, null, false);
        }
        int cases = (split.test().isEmpty() ? split.validation() : split.test()).size();
        try (ProgressDisplay progress = ProgressDisplay.start(console, "Evaluating", cases)) {
            RunMeasurement measured =
                    RunMeasurement.of(run, data, split, config.device(), course, dataWarnings, progress::reached);
            return new TrainingSession(course.result(), measured.evaluation(), measured.report(), measured.heldOut());
        }
    }

    private static TrainingOutcome trainTogether(
            Console console,
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            @Nullable PretrainedWeights from,
            int count) {
        try (var together = LocalRanks.start(count, data, model, config, split)) {
            ProcessGroup ranks = together.ranks();
            return ranks.telling(() -> train(console, run, model, config, data, split, from, ranks));
        } finally {
            // The others have gone.
            Natives.threads(config.threads());
            Natives.blasThreads(config.threads());
        }
    }

    private static TrainingOutcome train(
            Console console,
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            @Nullable PretrainedWeights from,
            ProcessGroup ranks) {
        try (var watching = new Watching(console);
                var trainer = new Trainer(run, model, config, data, split, preparedMemory(), from, ranks, watching)) {
            StopSignals.stopBy(trainer::requestStop);
            Trainer.Result result = trainer.train();
            StopSignals.saved("the training is saved; 'attunet evaluate"
                    + (split.test().isEmpty() ? " --split validation" : "") + "' measures it.");
            return TrainingOutcome.of(trainer, result);
        }
    }

    /** The same; a run that has begun goes on with its own network, settings and cases, whatever is given. */
    static TrainingSession goOn(
            Console console,
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            @Nullable PretrainedWeights from,
            int ranks,
            List<String> dataWarnings) {
        boolean begun = Files.exists(run.training());
        return run(
                console,
                run,
                begun ? ModelDescription.read(run.model()) : model,
                begun ? run.config() : config,
                data,
                begun ? Split.read(run.split()) : split,
                from,
                ranks,
                dataWarnings);
    }

    /** A quarter of the heap stays for everything else; cases beyond this are read anew each time. */
    static long preparedMemory() {
        return Runtime.getRuntime().maxMemory() / 4 * 3;
    }

    /** Why held-out cases could not be measured: each a sentence; empty where all were, or none was to be. */
    List<String> problems() {
        return evaluation == null ? List.of() : evaluation.unreadable();
    }

    /** The result for programs. */
    ObjectNode json(Run run) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run.folder().toString());
        json.put("steps", result.steps()).put("minutes", result.minutes());
        json.put("finished", result.finished());
        json.put("validation_dice", result.best()).put("best_step", result.bestStep());
        json.put("waiting_share", result.waiting());
        if (evaluation != null) {
            json.put("mean_dice", evaluation.summary().meanDice()).put("held_out", heldOut);
            json.put("report", String.valueOf(report));
            json.setAll(ResultsTable.toJson(evaluation.results(), evaluation.summary()));
            problems().forEach(json.putArray("problems")::add);
        }
        return json;
    }

    /** The result in a few lines. */
    String text(Run run) {
        String course = String.format(
                Locale.ROOT,
                "%d steps in %.1f minutes, of which %.1f%% waiting for batches; best validation Dice %.4f at step %d",
                result.steps(),
                result.minutes(),
                100 * result.waiting(),
                result.best(),
                result.bestStep());
        if (evaluation == null) {
            return course + "\nstopped; go on with: attunet train DATA -o " + run.folder() + " --resume";
        }
        return course
                + String.format(
                        Locale.ROOT,
                        "\nmean Dice %.4f over %s that %s",
                        evaluation.summary().meanDice(),
                        Wording.counted(evaluation.results().size(), "case"),
                        heldOut ? "training never saw" : "chose the weights, which flatters the figure")
                + "\nreport: " + report;
    }

    /** Shows a training's course as progress. */
    private static final class Watching implements TrainingListener, AutoCloseable {
        private final Console console;
        private @Nullable ProgressDisplay preparing;
        private @Nullable ProgressDisplay training;
        private String dice = "";

        Watching(Console console) {
            this.console = console;
        }

        @Override
        public synchronized void prepared(int done, int total) {
            if (preparing == null) {
                preparing = ProgressDisplay.start(console, "Preparing", total);
            }
            preparing.reached(done, total);
            if (done == total) {
                preparing.close();
            }
        }

        @Override
        public synchronized void takenOver(TransferReport taken) {
            taken.lines().forEach(console::message);
        }

        @Override
        public synchronized void stepped(long step, double progress, double minutes, double loss) {
            if (training == null) {
                Duration before = Duration.ofMillis(Math.round(minutes * 60_000));
                training = ProgressDisplay.share(console, "Training", progress, before);
            }
            training.reached(progress);
            training.note(String.format(Locale.ROOT, "step %d, loss %.3f%s", step, loss, dice));
        }

        @Override
        public synchronized void validated(long step, double value, boolean best) {
            dice = String.format(Locale.ROOT, ", validation Dice %.3f%s", value, best ? " (best)" : "");
        }

        @Override
        public synchronized void warned(TrainingWarning warning) {
            console.message("warning: " + warning.text());
        }

        @Override
        public synchronized void close() {
            if (preparing != null) {
                preparing.close();
            }
            if (training != null) {
                training.close();
            }
        }
    }
}
