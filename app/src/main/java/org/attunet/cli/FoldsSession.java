package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataCheck;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Folds;
import org.attunet.dataset.Split;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.report.Fact;
import org.attunet.report.HtmlReport;
import org.attunet.report.ReportContent;
import org.attunet.train.FoldRuns;
import org.attunet.train.LargestChoice;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

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
        OutputFolder.withoutRun(output);
        for (int number : wanted()) {
            if (!resume) {
                OutputFolder.withoutRun(output.resolve("fold_" + number));
            }
        }
        FoldRuns runs = FoldRuns.begin(output, folds);
        Map<String, String> hashes = Split.of(set, config.seed()).hashes();
        List<String> problems = new ArrayList<>();
        for (int number : wanted()) {
            if (Files.exists(runs.result(number))) {
                console.message("fold " + number + " is finished");
                continue;
            }
            Split split = Split.holdingOut(hashes, folds.held().get(number), config.seed());
            console.message("fold " + number + " of " + count + ": " + Wording.of(split));
            console.notes(split.notes());
            List<String> warnings = check.notes(split);
            console.warnings(warnings);
            Run run = Run.create(runs.fold(number)).planned(plan);
            TrainingSession session =
                    TrainingSession.goOn(console, run, model, config, set, split, from, ranks, warnings);
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

    private int told(DataSet set, FoldRuns runs, TrainingConfig config, List<String> problems) {
        List<Integer> missing = runs.missing();
        if (!missing.isEmpty()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("run", output.toString());
            missing.forEach(json.putArray("missing_folds")::add);
            console.result(() -> json, () -> "folds that are missing for the summary: " + missing);
        } else {
            summarise(set, runs, config);
        }
        problems.forEach(problem -> console.message("attunet: " + problem));
        return problems.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void summarise(DataSet set, FoldRuns runs, TrainingConfig config) {
        List<CaseResult> results = runs.outOfFold();
        Summary summary = Summary.of(results);
        LargestChoice choice;
        try (ProgressDisplay progress = ProgressDisplay.start(console, "Choosing components", results.size())) {
            choice = runs.chooseLargest(set, config.device(), progress::reached);
        }
        Path page = output.resolve("report.html");
        WholeFile.writeString(output.resolve("cases.csv"), ResultsTable.toCsv(results));
        ObjectNode json = ResultsTable.toJson(results, summary);
        json.put("run", output.toString()).put("mean_dice", summary.meanDice());
        json.set("keep_largest", json(choice));
        json.put("report", page.toString());
        JsonFile.write(runs.summary(), json);
        HtmlReport.write(
                new ReportContent(
                        "attunet: " + set.name() + ", " + count + " folds",
                        "Each case by the network that hasn't seen it",
                        facts(summary),
                        List.of(),
                        results,
                        summary,
                        set.labels(),
                        List.of(),
                        settings(choice, set.labels())),
                page);
        console.result(() -> json, () -> text(results, summary, choice, set.labels()) + "report: " + page);
    }

    private List<Fact> facts(Summary summary) {
        List<Fact> facts = new ArrayList<>();
        facts.add(Fact.of("out-of-fold mean Dice", String.format(Locale.ROOT, "%.4f", summary.meanDice())));
        facts.add(Fact.of("cases", Integer.toString(summary.cases())));
        facts.add(Fact.of("folds", Integer.toString(count)));
        return facts;
    }

    private static Map<String, String> settings(LargestChoice choice, LabelSet labels) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("largest component kept", words(choice.chosen(), labels));
        for (LargestChoice.Trial trial : choice.trials()) {
            settings.put(
                    "Dice with the largest component of " + name(trial.what(), labels),
                    String.format(Locale.ROOT, "%.4f (without %.4f)", trial.after(), trial.before()));
        }
        return settings;
    }

    private static ObjectNode json(LargestChoice choice) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("union", choice.chosen().union());
        choice.chosen().labels().forEach(json.putArray("labels")::add);
        ObjectNode dice = json.putObject("mean_dice_after");
        new TreeMap<>(choice.after()).forEach((label, value) -> dice.put(label.toString(), value));
        var trials = json.putArray("trials");
        choice.trials()
                .forEach(trial -> trials.addObject()
                        .put("what", trial.what())
                        .put("before", trial.before())
                        .put("after", trial.after())
                        .put("kept", trial.kept()));
        return json;
    }

    private String text(List<CaseResult> results, Summary summary, LargestChoice choice, LabelSet labels) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "out-of-fold mean Dice %.4f over %s in %d folds%n",
                summary.meanDice(),
                Wording.counted(results.size(), "case"),
                count));
        summary.labels().forEach((label, statistics) -> {
            Statistic dice = statistics.get(Metric.DICE);
            if (dice != null && dice.mean() != null) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %s: Dice %.4f [%.4f, %.4f]%n",
                        name(label.toString(), labels),
                        dice.mean(),
                        dice.low(),
                        dice.high()));
            }
        });
        text.append("largest component kept: ").append(words(choice.chosen(), labels));
        return text.append("\n").toString();
    }

    private static String words(KeepLargest keep, LabelSet labels) {
        List<String> names = new ArrayList<>();
        if (keep.union()) {
            names.add("all labels together");
        }
        keep.labels().forEach(label -> names.add(name(label.toString(), labels)));
        return names.isEmpty() ? "of no label, as it raised no Dice" : String.join(", ", names);
    }

    private static String name(String what, LabelSet labels) {
        int k = what.equals("union") ? -1 : labels.classOf(Integer.parseInt(what));
        return k < 1 ? "all labels together" : labels.nameOf(k);
    }
}
