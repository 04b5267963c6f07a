package org.attunet.report;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/** The tables of a report: one line per label, one line per case and label, one line per setting. */
public final class Tables {
    private static final Set<Metric> SHARES =
            EnumSet.of(Metric.DICE, Metric.IOU, Metric.PRECISION, Metric.RECALL, Metric.NSD);

    private Tables() {}

    /** Mean, deviation and interval of every measure, label by label. */
    static String summary(ReportContent content, Summary summary) {
        StringBuilder out = new StringBuilder("<div class=\"wide\"><table class=\"summary\"><thead><tr><th>label</th>");
        for (Metric metric : Metric.values()) {
            out.append("<th class=\"n\">").append(title(metric)).append("</th>");
        }
        out.append("</tr></thead><tbody>");
        for (Map.Entry<Integer, Map<Metric, Statistic>> label : summary.labels().entrySet()) {
            out.append("<tr><th scope=\"row\">").append(Html.name(content.labelName(label.getKey())));
            out.append(counts(label.getValue().get(Metric.DICE))).append("</th>");
            for (Metric metric : Metric.values()) {
                String cell = cell(metric, label.getValue().get(metric));
                out.append("<td class=\"n\">").append(cell).append("</td>");
            }
            out.append("</tr>");
        }
        return out.append("</tbody></table></div>").toString();
    }

    private static String counts(@Nullable Statistic dice) {
        if (dice == null) {
            return "";
        }
        String out = dice.n() + (dice.n() == 1 ? " case" : " cases");
        out += dice.failed() > 0 ? ", " + dice.failed() + " failed" : "";
        out += dice.undefined() > 0 ? ", " + dice.undefined() + " undefined" : "";
        return "<br/><small>" + out + "</small>";
    }

    private static String cell(Metric metric, @Nullable Statistic statistic) {
        if (statistic == null || statistic.mean() == null) {
            return "–";
        }
        String mean = "<b>" + number(metric, statistic.mean()) + "</b>";
        Double deviation = statistic.standardDeviation();
        if (statistic.n() < 2 || deviation == null) {
            return mean;
        }
        return mean + " <small>± " + number(metric, deviation) + "</small><br/><small class=\"ci\">"
                + number(metric, statistic.low()) + " … " + number(metric, statistic.high()) + "</small>";
    }

    /** Every case and label, the worst Dice first; cases without one at the end. */
    static String cases(ReportContent content) {
        boolean many = content.results().stream()
                        .flatMap(result -> result.labels().keySet().stream())
                        .distinct()
                        .count()
                > 1;
        StringBuilder out = new StringBuilder("<div class=\"wide tall\"><table class=\"cases\"><thead><tr>");
        header(out, "case", false);
        if (many) {
            header(out, "label", false);
        }
        for (Metric metric : Metric.values()) {
            header(out, title(metric), true);
        }
        out.append("</tr></thead><tbody>\n");
        List<CaseResult> sorted = content.results().stream()
                .sorted(Comparator.comparingDouble(Tables::order).thenComparing(CaseResult::name))
                .toList();
        for (CaseResult result : sorted) {
            result.labels().forEach((label, metrics) -> {
                out.append("<tr><th scope=\"row\">").append(Html.name(result.name()));
                if (metrics.failed() || metrics.undefined()) {
                    out.append(" <span class=\"status\">").append(metrics.failed() ? "failed" : "undefined");
                    out.append("</span>");
                }
                out.append("</th>");
                if (many) {
                    out.append("<td>")
                            .append(Html.name(content.labelName(label)))
                            .append("</td>");
                }
                values(out, metrics);
                out.append("</tr>\n");
            });
        }
        return out.append("</tbody></table></div>").toString();
    }

    private static void header(StringBuilder out, String text, boolean number) {
        out.append(number ? "<th class=\"n\"" : "<th").append(" aria-sort=\"none\"><button type=\"button\">");
        out.append(text).append("</button></th>");
    }

    private static void values(StringBuilder out, LabelMetrics metrics) {
        for (Metric metric : Metric.values()) {
            Double value = metrics.value(metric);
            out.append("<td class=\"n\" data-v=\"")
                    .append(value == null ? "" : value.toString())
                    .append('"');
            if (metric == Metric.DICE && value != null) {
                out.append(" style=\"--share:")
                        .append(Html.number(100 * value, 1))
                        .append("%\"");
            }
            out.append('>').append(number(metric, value)).append("</td>");
        }
    }

    private static double order(CaseResult result) {
        Double dice = CaseChoice.meanDice(result);
        return dice == null ? 2 : dice;
    }

    /** Setting and value, two columns. */
    public static String settings(Map<String, String> configuration) {
        StringBuilder out = new StringBuilder("<dl class=\"settings\">");
        configuration.forEach((name, value) -> out.append("<div><dt>")
                .append(Html.escape(name))
                .append("</dt><dd>")
                .append(Html.escape(value))
                .append("</dd></div>"));
        return out.append("</dl>").toString();
    }

    private static String title(Metric metric) {
        return Html.escape(metric.title());
    }

    private static String number(Metric metric, @Nullable Double value) {
        if (value == null) {
            return "–";
        }
        return Html.number(value, SHARES.contains(metric) ? 3 : 2).replace('-', '−');
    }
}
