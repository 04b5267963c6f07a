package org.attunet.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.image.LabelSet;
import org.attunet.io.WholeFile;
import org.attunet.report.Html;
import org.attunet.report.HtmlReport;
import org.attunet.report.Tables;

/** The HTML page of a comparison: the table, its legend, and the settings that all networks share. */
public final class ComparisonPage {
    private ComparisonPage() {}

    /** Writes the page, whole or not at all. Texts are escaped. */
    public static void write(
            Path file,
            String title,
            String subtitle,
            Comparison comparison,
            LabelSet labels,
            Map<String, String> settings) {
        StringBuilder body =
                new StringBuilder("<section><h2>Networks</h2>\n<div class=\"wide\"><table class=\"dense\"><thead><tr>");
        List<String> header = ComparisonTable.header(comparison, labels);
        for (int c = 0; c < header.size(); c++) {
            body.append(c == 0 ? "<th>" : "<th class=\"n\">").append(Html.escape(header.get(c)));
            body.append("</th>");
        }
        body.append("</tr></thead><tbody>\n");
        for (Comparison.Row row : comparison.rows()) {
            body.append("<tr>");
            List<String> fields = ComparisonTable.fields(comparison, row);
            for (int c = 0; c < fields.size(); c++) {
                String text = Html.escape(fields.get(c))
                        .replaceFirst(" (\\[.*?\\])", "<br><small>$1</small>")
                        .replaceFirst("</small> ± (.*)", "</small><br><small>± $1</small>");
                body.append(c == 0 ? "<th scope=\"row\">" + text + "</th>" : "<td class=\"n\">" + text + "</td>");
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div><p class=\"note\">").append(Html.escape(ComparisonTable.legend(comparison)));
        body.append("</p></section>\n");
        body.append("<section><h2>Settings</h2>")
                .append(Tables.settings(settings))
                .append("</section>\n");
        WholeFile.writeString(file, HtmlReport.page(title, subtitle, body.toString()));
    }
}
