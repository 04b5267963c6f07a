package org.attunet.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/** Writes the metrics of cases as CSV and JSON for programs and as a table for people. */
public final class ResultsTable {
    private ResultsTable() {}

    /**
     * {@return CSV with a header and one line per case and label, according to RFC 4180 but with bare line feeds} The field
     * of an undefined metric is empty; {@code status} is ok, failed or undefined.
     *
     * @param cases the results of the cases
     */
    public static String toCsv(List<CaseResult> cases) {
        StringBuilder csv = new StringBuilder("case,label,status");
        for (Metric metric : Metric.values()) {
            csv.append(',').append(metric.key());
        }
        csv.append(",nsd_tolerance_mm,nsd_tolerance_px,tp,fp,fn,confidence,novelty\n");
        for (CaseResult result : cases) {
            result.labels().forEach((label, metrics) -> {
                csv.append(quoted(result.name())).append(',').append(label);
                csv.append(',').append(metrics.status());
                for (Metric metric : Metric.values()) {
                    Double value = metrics.value(metric);
                    csv.append(',').append(text(value));
                }
                csv.append(',').append(metrics.physical() ? metrics.tolerance() + "," : "," + metrics.tolerance());
                csv.append(',').append(metrics.truePositives());
                csv.append(',').append(metrics.falsePositives());
                csv.append(',').append(metrics.falseNegatives());
                csv.append(',').append(text(result.confidence()));
                csv.append(',').append(text(result.novelty())).append('\n');
            });
        }
        return csv.toString();
    }

    /**
     * {@code {"cases": [{"case": …, "confidence": …, "novelty": …, "labels": {"1": {"dice": …, …}}}], "summary": {"cases":
     * …, "mean_dice": …, "failed": …, "undefined": …, "nsd_tolerance": "1 mm", "labels": {"1": {"dice": {"mean": …, "sd":
     * …, "ci95": […, …], "n": …, "undefined": …, "failed": …}, …}}}}}; the value of an undefined metric is null.
     *
     * @param cases the results of the cases
     * @param summary the statistics over the cases
     * @return the tree
     */
    public static ObjectNode toJson(List<CaseResult> cases, Summary summary) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        var array = root.putArray("cases");
        for (CaseResult result : cases) {
            ObjectNode node = array.addObject().put("case", result.name());
            node.put("confidence", result.confidence()).put("novelty", result.novelty());
            ObjectNode labels = node.putObject("labels");
            result.labels().forEach((label, metrics) -> add(labels.putObject(label.toString()), metrics));
        }
        ObjectNode total = root.putObject("summary").put("cases", summary.cases());
        double meanDice = summary.meanDice();
        total.put("mean_dice", Double.isNaN(meanDice) ? null : Double.valueOf(meanDice));
        total.put("failed", summary.failed()).put("undefined", summary.undefined());
        total.put("nsd_tolerance", Tolerance.text(cases));
        ObjectNode labels = total.putObject("labels");
        summary.labels().forEach((label, statistics) -> {
            ObjectNode node = labels.putObject(label.toString());
            statistics.forEach((metric, statistic) -> add(node.putObject(metric.key()), statistic));
        });
        return root;
    }

    private static void add(ObjectNode node, LabelMetrics metrics) {
        for (Metric metric : Metric.values()) {
            node.put(metric.key(), metrics.value(metric));
        }
        node.put("nsd_tolerance_mm", metrics.physical() ? (Double) metrics.tolerance() : null);
        node.put("nsd_tolerance_px", metrics.physical() ? null : (Double) metrics.tolerance());
        node.put("tp", metrics.truePositives());
        node.put("fp", metrics.falsePositives());
        node.put("fn", metrics.falseNegatives());
        node.put("status", metrics.status());
    }

    private static void add(ObjectNode node, Statistic statistic) {
        node.put("mean", statistic.mean());
        node.put("sd", statistic.standardDeviation());
        node.putArray("ci95").add(statistic.low()).add(statistic.high());
        node.put("n", statistic.n());
        node.put("undefined", statistic.undefined());
        node.put("failed", statistic.failed());
    }

    /**
     * {@return a table for the terminal: one line per case and label, then for each label and measure mean ± standard
     * deviation and the mean's 95% interval, then what was undefined or failed}
     *
     * @param cases the results of the cases
     * @param summary the statistics over the cases
     * @param labels the labels
     */
    public static String toText(List<CaseResult> cases, Summary summary, LabelSet labels) {
        List<String[]> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("case", "label"));
        List<Metric> shown = Metric.shownFor(cases);
        shown.stream().map(Metric::title).forEach(header::add);
        rows.add(header.toArray(String[]::new));
        for (CaseResult result : cases) {
            result.labels().forEach((label, metrics) -> {
                List<String> row = new ArrayList<>(List.of(result.name(), name(label, labels)));
                for (Metric metric : shown) {
                    row.add(number(metric, metrics.value(metric)));
                }
                row.add(metrics.status().equals("ok") ? "" : metrics.status());
                rows.add(row.toArray(String[]::new));
            });
        }
        StringBuilder out = new StringBuilder(aligned(rows, 2)).append('\n');
        out.append(aligned(summaryRows(summary, labels, shown), 2));
        if (!Double.isNaN(summary.meanDice())) {
            out.append(String.format(
                    Locale.ROOT, "\nmean Dice %.4f over %d cases\n", summary.meanDice(), summary.cases()));
        }
        String tolerance = Tolerance.text(cases);
        if (!tolerance.isEmpty()) {
            out.append("NSD at ").append(tolerance).append('\n');
        }
        out.append(counts(summary));
        return out.toString();
    }

    private static List<String[]> summaryRows(Summary summary, LabelSet labels, List<Metric> shown) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"label", "measure", "mean ± sd", "[95% CI]", "n", "undefined", "failed"});
        summary.labels()
                .forEach((label, statistics) -> statistics.forEach((metric, s) -> {
                    if (shown.contains(metric)) {
                        rows.add(new String[] {
                            name(label, labels),
                            metric.title(),
                            s.mean() == null
                                    ? "-"
                                    : number(metric, s.mean()) + " ± " + number(metric, s.standardDeviation()),
                            s.mean() == null
                                    ? "-"
                                    : "[" + number(metric, s.low()) + ", " + number(metric, s.high()) + "]",
                            Integer.toString(s.n()),
                            Integer.toString(s.undefined()),
                            Integer.toString(s.failed())
                        });
                    }
                }));
        return rows;
    }

    private static String counts(Summary summary) {
        StringBuilder out = new StringBuilder();
        if (summary.failed() > 0) {
            out.append("failed: ").append(summary.failed());
            out.append(" (only one mask has the label: overlap 0, no distance)\n");
        }
        if (summary.undefined() > 0) {
            out.append("undefined: ").append(summary.undefined());
            out.append(" (neither mask has the label: left out of the means)\n");
        }
        return out.toString();
    }

    private static String name(int label, LabelSet labels) {
        int k = labels.classOf(label);
        return k < 1 ? Integer.toString(label) : label + " " + labels.nameOf(k);
    }

    private static String number(Metric metric, @Nullable Double value) {
        if (value == null) {
            return "-";
        }
        String format = switch (metric) {
            case DICE, IOU, PRECISION, RECALL, NSD -> "%.4f";
            case HD, HD95, ASSD, HD_PX, HD95_PX, ASSD_PX -> "%.2f";
            case VOLUME_DIFFERENCE, AREA_DIFFERENCE -> "%.3f";
            case SIZE_DIFFERENCE_PX -> "%.0f";
        };
        return String.format(Locale.ROOT, format, value);
    }

    /** Pads columns, two spaces apart; the first {@code left} ones are aligned to the left, the others to the right. */
    private static String aligned(List<String[]> rows, int left) {
        int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        int[] width = new int[columns];
        for (String[] row : rows) {
            for (int c = 0; c < row.length; c++) {
                width[c] = Math.max(width[c], row[c].codePointCount(0, row[c].length()));
            }
        }
        StringBuilder out = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < row.length; c++) {
                String pad = " ".repeat(width[c] - row[c].codePointCount(0, row[c].length()));
                line.append(c == 0 ? "" : "  ").append(c < left ? row[c] + pad : pad + row[c]);
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    private static String text(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }

    static String quoted(String field) {
        boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
    }
}
