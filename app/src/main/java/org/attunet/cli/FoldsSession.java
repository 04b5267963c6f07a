package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataCheck;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Folds;
import org.attunet.dataset.Split;
import org.attunet.error.ConfigException;
import org.attunet.io.JsonFile;
import org.attunet.io.ProcessLock;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.Statistic;
import org.attunet.plan.Plan;
import org.attunet.train.CrossValidation;
import org.attunet.train.CrossValidationSummary;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.jspecify.annotations.Nullable;

/**
 * The trainings of a cross-validation and its summary.
 *
 * <p>The training of a fold depends only on its cases, the plan and the seed, so folds can be trained in any order and on
 * several machines, into folders that are merged afterwards. The last training to finish writes the summary.
 *
 * @param console where to print
 * @param output the folder
 * @param count number of folds
 * @param only the fold to train, from 0; null for all
 * @param resume whether folds that have begun are continued
 * @param start the weights that each fold starts from, null for random ones
 * @param ranks processes that train each fold together
 */
record FoldsSession(
        Console console,
        Path output,
        int count,
        @Nullable Integer only,
        boolean resume,
        @Nullable PretrainedWeights start,
        int ranks) {
    /** Trains the unfinished folds, writes the summary if all are finished, and returns the exit code. */
    int run(DataSet set, DataCheck check, Plan plan) {
        if (only != null && (only < 0 || only >= count)) {
            throw new ConfigException("--fold", only, "a number from 0 to " + (count - 1));
        }
        if (count > set.cases().size()) {
            int most = set.cases().size();
            throw new ConfigException("--folds", count, "a number from 2 to " + most + " for " + most + " cases");
        }
        Folds folds = Folds.of(set.cases().stream().map(Case::id).toList(), count);
        List<Integer> wanted =
                only != null ? List.of(only) : IntStream.range(0, count).boxed().toList();
        OutputFolder.withoutRun(output);
        if (!resume) {
            wanted.forEach(number -> OutputFolder.withoutRun(output.resolve("fold_" + number)));
        }
        CrossValidation runs = CrossValidation.begin(output, folds);
        Split all = Split.of(set, plan.config().seed());
        List<String> problems = new ArrayList<>();
        for (int number : wanted) {
            Run run = Run.create(runs.fold(number)).planned(plan);
            Split split = all.holdingOut(folds.held().get(number));
            TrainingJob job = new TrainingJob(plan.model(), plan.config(), set, split)
                    .startingFrom(start)
                    .resuming(run, note -> console.notes(List.of(note)));
            if (Files.exists(runs.result(number))) {
                console.message("fold " + number + " is finished");
                continue;
            }
            TrainingSession session = train(number, run, job, check.notes(split), runs.result(number));
            if (session.stopped()) {
                console.message("stopped; resume with: attunet train DATA -o " + output + " --folds " + count
                        + (only == null ? "" : " --fold " + only) + " --resume");
                break;
            }
            problems.addAll(session.problems());
        }
        print(set, runs, plan.config().compute().device());
        return console.problems(problems);
    }

    /** Trains and measures a fold; its result is written last. */
    private TrainingSession train(int number, Run run, TrainingJob job, List<String> warnings, Path result) {
        try (ProcessLock lock = run.lock()) {
            console.message("fold " + number + " of " + count + ": " + Wording.of(job.split()));
            console.notes(job.split().notes());
            console.warnings(warnings);
            TrainingSession session = TrainingSession.run(console, run, job, ranks, warnings);
            if (!session.stopped()) {
                JsonFile.write(result, session.json(run));
            }
            return session;
        }
    }

    private void print(DataSet set, CrossValidation runs, String device) {
        List<Integer> missing = runs.missing();
        if (!missing.isEmpty()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("run", output.toString());
            missing.forEach(json.putArray("missing_folds")::add);
            console.result(() -> json, () -> "folds still missing for the summary: " + missing);
            return;
        }
        CrossValidationSummary summary;
        try (ProgressDisplay progress = ProgressDisplay.start(
                console, "Choosing components", set.cases().size())) {
            summary = runs.summarise(set, device, progress::reached);
        }
        console.result(summary::toJson, () -> text(summary));
    }

    private String text(CrossValidationSummary summary) {
        StringBuilder text = new StringBuilder();
        if (!summary.objects().isEmpty()) {
            text.append(ObjectResults.toText(summary.objects()).stripLeading());
        }
        text.append(Wording.format(
                "out-of-fold mean Dice %.4f over %s in %d folds%n",
                summary.measures().meanDice(), Wording.counted(summary.results().size(), "case"), count));
        summary.measures().labels().forEach((label, statistics) -> {
            Statistic dice = statistics.get(Metric.DICE);
            if (dice != null && dice.mean() != null) {
                String name = summary.labelName(label.toString());
                text.append(
                        Wording.format("  %s: Dice %.4f [%.4f, %.4f]%n", name, dice.mean(), dice.low(), dice.high()));
            }
        });
        return text + "largest component kept: " + summary.keptComponents() + "\nreport: " + summary.report();
    }
}
