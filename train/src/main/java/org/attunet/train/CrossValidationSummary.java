package org.attunet.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.KeepLargest;
import org.attunet.dataset.DataSet;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Summary;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.report.Fact;
import org.attunet.report.HtmlReport;
import org.attunet.report.ReportContent;

/**
 * The outcome of a cross-validation.
 *
 * @param of the cross-validation
 * @param data its data set
 * @param results of every case by the network that has not seen it, without postprocessing; by fold, then by name
 * @param measures over all cases
 * @param objects how each case's objects agree with the true ones; empty for data of structures
 * @param choice of the labels whose largest component alone is kept
 */
public record CrossValidationSummary(
        CrossValidation of,
        DataSet data,
        List<CaseResult> results,
        Summary measures,
        Map<String, ObjectMatch> objects,
        KeepLargestChoice choice) {

    /** The HTML page. */
    public Path report() {
        return of.folder().resolve("report.html");
    }

    /** Writes {@code summary.json}, {@code cases.csv} and the report. */
    void write() {
        WholeFile.writeString(of.folder().resolve("cases.csv"), ResultsTable.toCsv(results));
        if (!objects.isEmpty()) {
            WholeFile.writeString(of.folder().resolve("objects.csv"), ObjectResults.toCsv(objects));
        }
        JsonFile.write(of.summary(), toJson());
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("out-of-fold mean Dice", String.format(Locale.ROOT, "%.4f", measures.meanDice())));
        facts.addAll(RunReport.objectFacts(objects));
        facts.add(new Fact("cases", Integer.toString(measures.cases())));
        facts.add(new Fact("folds", Integer.toString(of.folds().count())));
        HtmlReport.write(
                new ReportContent(
                        "attunet: " + data.name() + ", " + of.folds().count() + " folds",
                        "Each case by the network that hasn't seen it",
                        facts,
                        List.of(),
                        results,
                        measures,
                        data.labels(),
                        List.of(),
                        objects.isEmpty()
                                ? List.of()
                                : ObjectSegmentation.levelsExplained(data.labels()).stream()
                                        .toList(),
                        List.of(),
                        settings()),
                report());
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("largest component kept", keptComponents());
        for (KeepLargestChoice.Trial trial : choice.trials()) {
            settings.put(
                    "Dice with the largest component of " + labelName(trial.what()),
                    String.format(Locale.ROOT, "%.4f (without %.4f)", trial.after(), trial.before()));
        }
        return settings;
    }

    /** The outcome for programs. */
    public ObjectNode toJson() {
        ObjectNode json = ResultsTable.toJson(results, measures);
        json.put("run", of.folder().toString()).put("mean_dice", measures.meanDice());
        if (!objects.isEmpty()) {
            json.set("objects", ObjectResults.toJson(objects));
        }
        json.set("keep_largest", choiceJson());
        return json.put("report", report().toString());
    }

    private ObjectNode choiceJson() {
        ObjectNode json = Json.OWN.valueToTree(choice.chosen());
        json.set("mean_dice_after", Json.OWN.valueToTree(choice.after()));
        return json.set("trials", Json.OWN.valueToTree(choice.trials()));
    }

    /** The labels whose largest component alone is kept, in words. */
    public String keptComponents() {
        KeepLargest keep = choice.chosen();
        List<String> names = new ArrayList<>();
        if (keep.union()) {
            names.add(labelName("union"));
        }
        keep.labels().forEach(label -> names.add(labelName(label.toString())));
        String none = !objects.isEmpty()
                ? "as each component is an object"
                : choice.trials().isEmpty() ? "as labels that overlap aren't tried" : "as it raised no Dice";
        return names.isEmpty() ? "of no label, " + none : String.join(", ", names);
    }

    /** The name of what was tried: {@code union} or a label's value. */
    public String labelName(String what) {
        int k = what.equals("union") ? -1 : data.labels().classOf(Integer.parseInt(what));
        return k < 1 ? "all labels together" : data.labels().nameOf(k);
    }
}
