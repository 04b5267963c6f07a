package org.attunet.train;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.KeepLargest;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.ProgressListener;
import org.attunet.image.LabelSet;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.report.Fact;
import org.attunet.report.HtmlReport;
import org.attunet.report.ReportContent;

/**
 * The result of a finished cross-validation.
 *
 * @param folder of the cross-validation
 * @param folds number of folds
 * @param data the data set's name
 * @param labels of the data set
 * @param results of each case by the network that hasn't seen it
 * @param choice of the components that are kept
 */
public record CrossValidationSummary(
        Path folder, int folds, String data, LabelSet labels, List<CaseResult> results, KeepLargestChoice choice) {
    /** Collects the results and chooses the components to keep. */
    public static CrossValidationSummary of(
            CrossValidation runs, DataSet set, String device, ProgressListener progress) {
        return new CrossValidationSummary(
                runs.folder(),
                runs.folds().count(),
                set.name(),
                set.labels(),
                runs.outOfFold(),
                runs.chooseLargest(set, device, progress));
    }

    /** Writes {@code cases.csv}, {@code summary.json} and {@code report.html}; returns the second. */
    public ObjectNode write() {
        Summary summary = Summary.of(results);
        WholeFile.writeString(folder.resolve("cases.csv"), ResultsTable.toCsv(results));
        ObjectNode json = ResultsTable.toJson(results, summary);
        json.put("run", folder.toString()).put("mean_dice", summary.meanDice());
        putChoice(json.putObject("keep_largest"));
        json.put("report", page().toString());
        JsonFile.write(folder.resolve("summary.json"), json);
        List<Fact> facts = List.of(
                Fact.of("out-of-fold mean Dice", String.format(Locale.ROOT, "%.4f", summary.meanDice())),
                Fact.of("cases", Integer.toString(summary.cases())),
                Fact.of("folds", Integer.toString(folds)));
        HtmlReport.write(
                new ReportContent(
                        "attunet: " + data + ", " + folds + " folds",
                        "Each case by the network that hasn't seen it",
                        facts,
                        List.of(),
                        results,
                        summary,
                        labels,
                        List.of(),
                        settings()),
                page());
        return json;
    }

    private Path page() {
        return folder.resolve("report.html");
    }

    private void putChoice(ObjectNode json) {
        json.put("union", choice.chosen().union());
        choice.chosen().labels().forEach(json.putArray("labels")::add);
        ObjectNode dice = json.putObject("mean_dice_after");
        choice.after().forEach((label, value) -> dice.put(label.toString(), value));
        ArrayNode trials = json.putArray("trials");
        choice.trials()
                .forEach(trial -> trials.addObject()
                        .put("what", trial.what())
                        .put("before", trial.before())
                        .put("after", trial.after())
                        .put("kept", trial.kept()));
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("largest component kept", kept());
        for (KeepLargestChoice.Trial trial : choice.trials()) {
            settings.put(
                    "Dice with the largest component of " + name(trial.what()),
                    String.format(Locale.ROOT, "%.4f (without %.4f)", trial.after(), trial.before()));
        }
        return settings;
    }

    /** The result in a few lines. */
    public String text() {
        Summary summary = Summary.of(results);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "out-of-fold mean Dice %.4f over %d cases in %d folds%n",
                summary.meanDice(),
                results.size(),
                folds));
        summary.labels().forEach((label, statistics) -> {
            Statistic dice = statistics.get(Metric.DICE);
            if (dice != null && dice.mean() != null) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %s: Dice %.4f [%.4f, %.4f]%n",
                        name(label.toString()),
                        dice.mean(),
                        dice.low(),
                        dice.high()));
            }
        });
        return text + "largest component kept: " + kept() + "\nreport: " + page();
    }

    private String kept() {
        KeepLargest chosen = choice.chosen();
        List<String> names = new ArrayList<>();
        if (chosen.union()) {
            names.add(name("union"));
        }
        chosen.labels().forEach(label -> names.add(name(label.toString())));
        return names.isEmpty() ? "of no label, as it raised no Dice" : String.join(", ", names);
    }

    private String name(String what) {
        int k = what.equals("union") ? -1 : labels.classOf(Integer.parseInt(what));
        return k < 1 ? "all labels together" : labels.nameOf(k);
    }
}
