package org.attunet.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * The lesions of some labels, found and missed in each case: as a table for people, as CSV and JSON for programs. Cases are
 * added one after another, by one thread.
 */
public final class LesionResults {
    private final LabelSet labels;
    private final double aboveIou;
    private final Map<Integer, Map<String, LesionMatch>> matches = new LinkedHashMap<>(); // of a label, by case

    /**
     * Results without a case.
     *
     * @param labels all labels of the masks
     * @param chosen the values of those whose connected components are lesions
     * @param aboveIou two lesions hit each other if their IoU is above this, from 0 (they share a voxel) to below 1
     */
    public LesionResults(LabelSet labels, List<Integer> chosen, double aboveIou) {
        this.labels = labels;
        this.aboveIou = aboveIou;
        chosen.forEach(label -> matches.put(label, new LinkedHashMap<>()));
    }

    /**
     * Matches the lesions of a case; of one whose truth is judged nowhere there are none.
     *
     * @param caseName the case's name
     * @param truth the true mask
     * @param prediction the predicted mask, on the same grid
     * @throws org.attunet.error.AttunetException if the sizes differ
     */
    public void add(String caseName, LabelMap truth, LabelMap prediction) {
        if (truth.judged() == 0) {
            return;
        }
        matches.forEach((label, cases) -> {
            boolean[] covered = labels.covered(label);
            cases.put(caseName, LesionMatch.of(caseName, truth, prediction, value -> covered[value], aboveIou));
        });
    }

    private String name(int label) {
        return labels.nameOf(labels.classOf(label));
    }

    private static LesionMatch sum(Map<String, LesionMatch> cases) {
        return LesionMatch.sum(List.copyOf(cases.values()));
    }

    private static Statistic perCase(Map<String, LesionMatch> cases, Function<LesionMatch, @Nullable Double> measure) {
        double[] values = cases.values().stream()
                .map(measure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        return Statistic.of(values, cases.size() - values.length, 0);
    }

    private static Statistic falsePositives(Map<String, LesionMatch> cases) {
        return perCase(cases, match -> (double) match.falsePositives());
    }

    /** {@return lines for the terminal: of each label the lesions of all cases together, and the false positives per case} */
    public String toText() {
        int width = matches.keySet().stream()
                .mapToInt(label -> name(label).length())
                .reduce(5, Math::max);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nlesions: connected parts of a label, found if a predicted one %s%n%-" + width
                        + "s%8s%8s%13s%11s  %-24s%11s%8s%n",
                aboveIou == 0 ? "shares a voxel" : "has an IoU above " + aboveIou,
                "label",
                "true",
                "found",
                "sensitivity",
                "predicted",
                "false per case [95% CI]",
                "precision",
                "F1"));
        matches.forEach((label, cases) -> {
            LesionMatch all = sum(cases);
            Statistic wrong = falsePositives(cases);
            String perCase = wrong.mean() == null
                    ? "-"
                    : String.format(Locale.ROOT, "%.2f [%.2f, %.2f]", wrong.mean(), wrong.low(), wrong.high());
            text.append(String.format(
                    Locale.ROOT,
                    "%-" + width + "s%8d%8d%13s%11d  %-24s%11s%8s%n",
                    name(label),
                    all.truth(),
                    all.found(),
                    number(all.recall()),
                    all.predicted(),
                    perCase,
                    number(all.precision()),
                    number(all.f1())));
        });
        return text.toString();
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * {@code {"above_iou": 0, "labels": {"1": {"name": …, "cases": …, "true": …, "predicted": …, "found": …,
     * "false_positives": …, "sensitivity": …, "precision": …, "f1": …, "per_case": {"false_positives": {"mean": …, "ci95": […,
     * …], "n": …}, "sensitivity": …, "precision": …, "f1": …}}}}}; the measures beside {@code per_case} are those of the lesions
     * of all cases together.
     *
     * @return the tree
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("above_iou", aboveIou);
        ObjectNode byLabel = json.putObject("labels");
        matches.forEach((label, cases) -> {
            LesionMatch all = sum(cases);
            ObjectNode node = byLabel.putObject(label.toString()).put("name", name(label));
            node.put("cases", cases.size()).put("true", all.truth()).put("predicted", all.predicted());
            node.put("found", all.found()).put("false_positives", all.falsePositives());
            node.put("sensitivity", all.recall()).put("precision", all.precision());
            node.put("f1", all.f1());
            ObjectNode perCase = node.putObject("per_case");
            add(perCase.putObject("false_positives"), falsePositives(cases));
            add(perCase.putObject("sensitivity"), perCase(cases, LesionMatch::recall));
            add(perCase.putObject("precision"), perCase(cases, LesionMatch::precision));
            add(perCase.putObject("f1"), perCase(cases, LesionMatch::f1));
        });
        return json;
    }

    private static void add(ObjectNode node, Statistic statistic) {
        node.put("mean", statistic.mean());
        node.putArray("ci95").add(statistic.low()).add(statistic.high());
        node.put("n", statistic.n());
    }

    /** {@return CSV with a header and a line for each label of each case} */
    public String toCsv() {
        StringBuilder csv =
                new StringBuilder("case,label,true,predicted,found,false_positives,sensitivity,precision,f1\n");
        matches.forEach((label, cases) -> cases.forEach((name, match) -> {
            csv.append(ResultsTable.quoted(name)).append(',').append(label).append(',');
            csv.append(match.truth()).append(',').append(match.predicted()).append(',');
            csv.append(match.found()).append(',').append(match.falsePositives()).append(',');
            csv.append(text(match.recall())).append(',').append(text(match.precision()));
            csv.append(',').append(text(match.f1())).append('\n');
        }));
        return csv.toString();
    }

    private static String text(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }
}
