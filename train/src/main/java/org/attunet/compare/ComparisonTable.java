package org.attunet.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.attunet.image.LabelSet;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.jspecify.annotations.Nullable;

/** A comparison as a table in Markdown, CSV and JSON. */
public final class ComparisonTable {
    private static final List<Metric> SHARES = List.of(Metric.PRECISION, Metric.RECALL);
    private static final List<Metric> DISTANCES = List.of(Metric.HD95, Metric.ASSD, Metric.HD95_PX, Metric.ASSD_PX);

    private static final List<String> COSTS = List.of("parameters", "steps", "minutes", "s/step");

    private static final String LEGEND =
            "Means over labels and held-out cases, averaged over the seeds; in brackets the"
                    + " bootstrap 95% interval over the cases, after ± the standard deviation between seeds. A label that only"
                    + " one of the two masks has counts with Dice 0 and has no distance. The difference is the median over the"
                    + " cases of Dice less the first network's, each case the mean over seeds and labels; p is Wilcoxon's"
                    + " signed-rank test over these cases, two-sided. It is a statement about further cases, not about further"
                    + " trainings, and isn't corrected for the number of networks. Minutes and seconds per step include the"
                    + " validations.";

    private static final String LEGEND_OF_OBJECTS =
            "Objects are compared by AP = TP / (TP + FP + FN), which AP@0.5:0.95 averages over the IoUs 0.5, 0.55, …"
                    + " 0.95: means over held-out cases, averaged over the seeds; in brackets the bootstrap 95% interval"
                    + " over the cases, after ± the standard deviation between seeds. The difference is the median over"
                    + " the cases of AP@0.5:0.95 less the first network's, each case the mean over seeds; p is Wilcoxon's"
                    + " signed-rank test over these cases, two-sided. It is a statement about further cases, not about"
                    + " further trainings, and isn't corrected for the number of networks. Dice is that of the objects'"
                    + " pixels together, which doesn't change if touching objects are parted or joined wrongly. Minutes"
                    + " and seconds per step include the validations.";

    private ComparisonTable() {}

    /** The meaning of the columns, and why there is no p if there are too few cases. */
    static String legend(Comparison comparison) {
        int fewest = comparison.rows().stream()
                .map(Comparison.Row::difference)
                .filter(test -> test != null)
                .mapToInt(PairedTest::n)
                .min()
                .orElse(PairedTest.LEAST);
        String legend = hasObjects(comparison) ? LEGEND_OF_OBJECTS : LEGEND;
        return fewest >= PairedTest.LEAST
                ? legend
                : legend + " There is no p from " + fewest + (fewest == 1 ? " case" : " cases")
                        + ": a test of fewer than " + PairedTest.LEAST
                        + " can hardly show a difference, and one that it shows may be chance.";
    }

    private static boolean hasObjects(Comparison comparison) {
        return comparison.rows().stream().anyMatch(Comparison.Row::hasObjects);
    }

    /** The column titles; the first column is the network's name, all others are numbers. */
    public static List<String> header(Comparison comparison, LabelSet labels) {
        if (hasObjects(comparison)) { // of labels only the first is no depth
            List<String> header = new ArrayList<>(List.of("network", "seeds", "AP@0.5:0.95", "difference of AP", "p"));
            header.addAll(List.of("AP@0.5", "Dice " + labels.nameOf(1)));
            header.addAll(COSTS);
            return header;
        }
        List<String> header = new ArrayList<>(List.of("network", "seeds", "Dice", "difference of Dice", "p"));
        if (labelValues(comparison).size() > 1) {
            labelValues(comparison).forEach(label -> header.add("Dice " + name(label, labels)));
        }
        SHARES.forEach(metric -> header.add(metric.title()));
        distances(comparison).forEach(metric -> header.add(metric.title()));
        header.addAll(COSTS);
        return header;
    }

    /** The fields of a network, in the order of the {@link #header}. */
    public static List<String> fields(Comparison comparison, Comparison.Row row) {
        List<String> fields = new ArrayList<>(
                List.of(row.network(), Integer.toString(row.runs().size()), score(comparison, row)));
        PairedTest test = row.difference();
        fields.add(
                test == null
                        ? "–"
                        : String.format(Locale.ROOT, "%+.4f [%+.4f, %+.4f]", test.median(), test.low(), test.high()));
        Double p = test == null ? null : test.reliableP();
        fields.add(p == null ? "–" : p < 1e-4 ? "< 0.0001" : number("%.4f", p));
        List<Integer> labels = labelValues(comparison);
        if (hasObjects(comparison)) {
            fields.add(number("%.4f", row.ap50()));
            fields.add(number("%.4f", row.labelDice().getOrDefault(labels.get(0), Double.NaN)));
        } else {
            if (labels.size() > 1) {
                labels.forEach(label ->
                        fields.add(number("%.4f", row.labelDice().getOrDefault(label, Double.NaN))));
            }
            SHARES.forEach(metric -> fields.add(number("%.4f", row.mean(metric))));
            distances(comparison).forEach(metric -> fields.add(number("%.2f", row.mean(metric))));
        }
        fields.add(String.format(Locale.ROOT, "%,d", row.runs().get(0).parameters()));
        fields.add(number("%.0f", row.steps()));
        fields.add(number("%.1f", row.minutes()));
        fields.add(number("%.3f", row.secondsPerStep()));
        return fields;
    }

    /** In the unit that the cases have; in mm if no network has a distance. */
    private static List<Metric> distances(Comparison comparison) {
        boolean pixels = comparison.rows().stream().anyMatch(row -> Double.isFinite(row.mean(Metric.HD95_PX)));
        return DISTANCES.subList(pixels ? 2 : 0, pixels ? 4 : 2);
    }

    /** What the networks are compared by: AP of objects, else Dice. */
    private static String score(Comparison comparison, Comparison.Row row) {
        boolean objects = hasObjects(comparison);
        Statistic score = objects ? row.ap() : row.dice();
        if (score.mean() == null) {
            return "–";
        }
        String text = String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", score.mean(), score.low(), score.high());
        double deviation = objects ? row.seedDeviationOfAp() : row.seedDeviation();
        return row.runs().size() == 1 ? text : text + String.format(Locale.ROOT, " ± %.4f", deviation);
    }

    /** The table in GitHub's Markdown, with the legend below it. */
    public static String toMarkdown(Comparison comparison, LabelSet labels) {
        List<String> header = header(comparison, labels);
        StringBuilder out = new StringBuilder();
        line(out, header);
        out.append("|---|").append("---:|".repeat(header.size() - 1)).append('\n');
        comparison.rows().forEach(row -> line(out, fields(comparison, row)));
        return out.append('\n').append(legend(comparison)).append('\n').toString();
    }

    private static void line(StringBuilder out, List<String> fields) {
        out.append(fields.stream().map(f -> f.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    /** A header line and one line per network, numbers in full; an undefined number is an empty field. */
    public static String toCsv(Comparison comparison) {
        StringBuilder csv = new StringBuilder();
        for (Comparison.Row row : comparison.rows()) {
            ObjectNode node = json(row);
            if (csv.isEmpty()) {
                csv.append(String.join(",", columns(node).keySet())).append('\n');
            }
            csv.append(String.join(",", columns(node).values())).append('\n');
        }
        return csv.toString();
    }

    private static Map<String, String> columns(ObjectNode node) {
        Map<String, String> columns = new java.util.LinkedHashMap<>();
        node.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode inner) {
                columns(inner).forEach((name, value) -> columns.put(field.getKey() + "_" + name, value));
            } else {
                columns.put(
                        field.getKey(),
                        field.getValue().isNull() ? "" : field.getValue().asText());
            }
        });
        return columns;
    }

    /** {@code {"rows": [{"network": …, "seeds": …, "dice": …, …}]}}; an undefined number is null. */
    public static ObjectNode toJson(Comparison comparison) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode rows = root.putArray("rows");
        comparison.rows().forEach(row -> rows.add(json(row)));
        return root;
    }

    private static ObjectNode json(Comparison.Row row) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("network", row.network())
                .put("seeds", row.runs().size())
                .put("cases", row.caseDice().size());
        json.put("dice", row.dice().mean())
                .put("dice_low", row.dice().low())
                .put("dice_high", row.dice().high());
        json.put("dice_sd_of_seeds", row.seedDeviation());
        if (row.hasObjects()) {
            json.put("ap", row.ap().mean()).put("ap_low", row.ap().low());
            json.put("ap_high", row.ap().high()).put("ap_sd_of_seeds", row.seedDeviationOfAp());
            json.put("ap50", finite(row.ap50()));
        }
        ObjectNode labels = json.putObject("label_dice");
        row.labelDice().forEach((label, dice) -> labels.put(label.toString(), finite(dice)));
        for (Metric metric : Metric.values()) {
            if (metric != Metric.DICE) {
                json.put(metric.key(), finite(row.mean(metric)));
            }
        }
        json.put("failed", row.failed()).put("parameters", row.runs().get(0).parameters());
        json.put("steps", row.steps()).put("minutes", row.minutes());
        json.put("seconds_per_step", finite(row.secondsPerStep()));
        PairedTest test = row.difference();
        ObjectNode difference = json.putObject("difference");
        difference.put("of", row.hasObjects() ? "ap" : "dice");
        difference.put("median", test == null ? null : (Double) test.median());
        difference.put("low", test == null ? null : (Double) test.low());
        difference.put("high", test == null ? null : (Double) test.high());
        difference.put("pairs", test == null ? null : (Integer) test.n());
        difference.put("statistic", test == null ? null : (Double) test.statistic());
        difference.put("p", test == null ? null : test.reliableP());
        return json;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    private static List<Integer> labelValues(Comparison comparison) {
        return comparison.rows().stream()
                .flatMap(row -> row.labelDice().keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static String name(int label, LabelSet labels) {
        int k = labels.classOf(label);
        return k < 1 ? Integer.toString(label) : labels.nameOf(k);
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }
}
