package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.console.CommandFailures;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataCheck;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Folds;
import org.attunet.dataset.Split;
import org.attunet.error.ConfigException;
import org.attunet.io.JsonFile;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.train.CrossValidation;
import org.attunet.train.CrossValidationSummary;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.jspecify.annotations.Nullable;

/**
 * A cross-validation from its first fold to its summary: what {@code train --folds} does.
 *
 * <p>Each fold's training depends on its own cases, the plan and the seed alone, so folds may be trained in any order and
 * on several machines, into folders that are put together afterwards. Whichever training ends last writes the summary.
 *
 * @param console where to tell
 * @param output the folder
 * @param count of folds
 * @param only the one that is trained, from 0; null for all
 * @param resume whether folds that have begun go on
 * @param from whose weights each fold starts from; null for fresh ones
 * @param ranks processes that train each fold together
 */
record FoldsSession(
        Console console,
        Path output,
        int count,
        @Nullable Integer only,
        boolean resume,
        @Nullable PretrainedWeights from,
        int ranks) {

    /** Trains the folds that aren't finished, and writes the summary when all are. */
    int run(DataSet set, DataCheck check, Plan plan) {
        ModelDescription model = plan.model();
        TrainingConfig config = plan.config();
        if (only != null && (only < 0 || only >= count)) {
            throw new ConfigException("--fold", only, "a number from 0 to " + (count - 1));
        }
        Folds folds = Folds.of(set.cases().stream().map(Case::id).toList(), count);
        Folders.fresh(output);
        for (int number : wanted()) {
            if (!resume) {
                Folders.fresh(output.resolve("fold_" + number));
            }
        }
        CrossValidation runs = CrossValidation.begin(output, folds);
        Map<String, String> hashes = Split.of(set, config.seed()).hashes();
        List<String> problems = new ArrayList<>();
        for (int number : wanted()) {
            if (Files.exists(runs.result(number))) {
                console.message("fold " + number + " is finished");
                continue;
            }
            Split split = Split.holdingOut(hashes, folds.held().get(number), config.seed());
            console.message("fold " + number + " of " + count + ": " + OptionText.of(split));
            console.notes(split.notes());
            List<String> warnings = check.notes(split);
            console.warnings(warnings);
            Run run = Run.create(runs.fold(number)).planned(plan);
            TrainingJob job = new TrainingJob(model, config, set, split)
                    .startingFrom(from)
                    .resuming(run);
            TrainingSession session = TrainingSession.run(console, run, job, ranks, warnings);
            if (session.evaluation() == null) {
                console.message("stopped; go on with: attunet train DATA -o " + output + " --folds " + count
                        + (only == null ? "" : " --fold " + only) + " --resume");
                break;
            }
            problems.addAll(session.problems());
            JsonFile.write(runs.result(number), session.json(run));
        }
        return told(set, runs, config, problems);
    }

    private List<Integer> wanted() {
        return only != null
                ? List.of(only)
                : java.util.stream.IntStream.range(0, count).boxed().toList();
    }

    private int told(DataSet set, CrossValidation runs, TrainingConfig config, List<String> problems) {
        List<Integer> missing = runs.missing();
        if (!missing.isEmpty()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("run", output.toString());
            missing.forEach(json.putArray("missing_folds")::add);
            console.result(() -> json, () -> "folds that are missing for the summary: " + missing);
        } else {
            summarise(set, runs, config);
        }
        problems.forEach(problem -> console.message("attunet: " + problem));
        return problems.isEmpty() ? CommandFailures.DONE : CommandFailures.FAILED;
    }

    private void summarise(DataSet set, CrossValidation runs, TrainingConfig config) {
        CrossValidationSummary summary;
        try (ProgressDisplay progress = ProgressDisplay.start(
                console, "Choosing components", set.cases().size())) {
            summary = runs.summarise(set, config.compute().device(), (done, total) -> progress.reached(done));
        }
        console.result(summary::toJson, () -> text(summary));
    }

    private String text(CrossValidationSummary summary) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "out-of-fold mean Dice %.4f over %s in %d folds%n",
                summary.measures().meanDice(),
                OptionText.counted(summary.results().size(), "case"),
                count));
        summary.measures().labels().forEach((label, statistics) -> {
            Statistic dice = statistics.get(Metric.DICE);
            if (dice != null && dice.mean() != null) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %s: Dice %.4f [%.4f, %.4f]%n",
                        summary.labelName(label.toString()),
                        dice.mean(),
                        dice.low(),
                        dice.high()));
            }
        });
        return text.append("largest component kept: ")
                .append(summary.keptComponents())
                .append("\nreport: ")
                .append(summary.report())
                .toString();
    }
}
