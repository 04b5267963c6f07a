package org.attunet.report;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/** The tables of a report: measures by label, measures by case and label, settings. */
public final class Tables {
    private static final Set<Metric> SHARES =
            EnumSet.of(Metric.DICE, Metric.IOU, Metric.PRECISION, Metric.RECALL, Metric.NSD);

    private Tables() {}

    /** Returns mean, standard deviation and interval of each measure, a row for each label. */
    static String summary(ReportContent content, Summary summary) {
        StringBuilder out = new StringBuilder("<div class=\"wide\"><table class=\"summary\"><thead><tr><th>label</th>");
        List<Metric> shown = Metric.shownFor(content.results());
        for (Metric metric : shown) {
            out.append("<th class=\"n\">" + title(metric) + "</th>");
        }
        out.append("</tr></thead><tbody>");
        summary.labels().forEach((label, statistics) -> {
            out.append("<tr><th scope=\"row\">" + Html.name(content.labelName(label)));
            out.append(counts(statistics.get(Metric.DICE)) + "</th>");
            for (Metric metric : shown) {
                out.append("<td class=\"n\">" + cell(metric, statistics.get(metric)) + "</td>");
            }
            out.append("</tr>");
        });
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
        return mean + "<br/><small>± " + number(metric, deviation) + "</small><br/><small class=\"ci\">"
                + number(metric, statistic.low()) + " … " + number(metric, statistic.high()) + "</small>";
    }

    /** Returns a row for each case and label, the worst Dice first; cases without one at the end. */
    static String cases(ReportContent content) {
        boolean severalLabels = content.results().stream()
                        .flatMap(result -> result.labels().keySet().stream())
                        .distinct()
                        .count()
                > 1;
        StringBuilder out = new StringBuilder("<div class=\"wide tall\"><table class=\"cases\"><thead><tr>");
        header(out, "case", false);
        if (severalLabels) {
            header(out, "label", false);
        }
        List<Metric> shown = Metric.shownFor(content.results());
        for (Metric metric : shown) {
            header(out, title(metric), true);
        }
        out.append("</tr></thead><tbody>\n");
        Comparator<CaseResult> byDice =
                Comparator.comparingDouble(result -> Objects.requireNonNullElse(CaseChoice.meanDice(result), 2.0));
        List<CaseResult> sorted = content.results().stream()
                .sorted(byDice.thenComparing(CaseResult::name))
                .toList();
        for (CaseResult result : sorted) {
            result.labels().forEach((label, metrics) -> {
                out.append("<tr><th scope=\"row\">" + Html.name(result.name()));
                if (metrics.failed() || metrics.undefined()) {
                    out.append(" <span class=\"status\">" + (metrics.failed() ? "failed" : "undefined") + "</span>");
                }
                out.append("</th>");
                if (severalLabels) {
                    out.append("<td>" + Html.name(content.labelName(label)) + "</td>");
                }
                values(out, metrics, shown);
                out.append("</tr>\n");
            });
        }
        return out.append("</tbody></table></div>").toString();
    }

    private static void header(StringBuilder out, String text, boolean number) {
        out.append(number ? "<th class=\"n\"" : "<th");
        out.append(" aria-sort=\"none\"><button type=\"button\">" + text + "</button></th>");
    }

    private static void values(StringBuilder out, LabelMetrics metrics, List<Metric> shown) {
        for (Metric metric : shown) {
            Double value = metrics.value(metric);
            out.append("<td class=\"n\" data-v=\"" + (value == null ? "" : value.toString()) + '"');
            if (metric == Metric.DICE && value != null) {
                out.append(" style=\"--share:" + Html.number(100 * value, 1) + "%\"");
            }
            out.append('>' + number(metric, value) + "</td>");
        }
    }

    /** Returns settings and their values. */
    public static String settings(Map<String, String> configuration) {
        StringBuilder out = new StringBuilder("<dl class=\"settings\">");
        configuration.forEach((name, value) ->
                out.append(Html.format("<div><dt>%s</dt><dd>%s</dd></div>", Html.escape(name), Html.escape(value))));
        return out.append("</dl>").toString();
    }

    private static String title(Metric metric) {
        return Html.escape(metric.title());
    }

    private static String number(Metric metric, @Nullable Double value) {
        return value == null
                ? "–"
                : Html.number(value, SHARES.contains(metric) ? 3 : Math.abs(value) < 1000 ? 2 : 0)
                        .replace('-', '−');
    }
}
