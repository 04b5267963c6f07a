package org.attunet.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.attunet.image.Image;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;

/**
 * A report as one HTML file that needs nothing else: style, script, charts and pictures are inside, and a content
 * security policy forbids every request. Light and dark follow the reader's system; it fits phones and prints.
 *
 * <p>All texts are escaped: names of cases and settings may come from anywhere.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /** Writes the page, whole or not at all. */
    public static void write(ReportContent content, Path file) {
        WholeFile.writeString(file, html(content));
    }

    /** The page's text; well-formed XML after its first line. */
    public static String html(ReportContent content) {
        StringBuilder out = new StringBuilder();
        facts(out, content);
        section(out, "Warnings", warnings(content), "");
        pictures(out, content);
        section(out, "Training", Curves.of(content.history()), "curves");
        String gates = GateCurves.of(content.attention());
        if (!gates.isEmpty()) {
            out.append("<section><h2>Where the attention gates look</h2>\n<p class=\"legend\">mean coefficient over the"
                    + " first validation cases, 0 (shut) to 1 (open): strong line inside the target, faint line"
                    + " outside</p>\n<div class=\"curves\">");
            out.append(gates).append("</div></section>\n");
        }
        Summary summary = content.summary();
        if (summary != null && !summary.labels().isEmpty()) {
            section(out, "Measures", Tables.summary(content, summary) + note(content), "");
        }
        if (!content.results().isEmpty()) {
            section(out, "Cases", Tables.cases(content), "");
        }
        if (!content.configuration().isEmpty()) {
            section(out, "Settings", Tables.settings(content.configuration()), "");
        }
        return page(content.title(), content.subtitle(), out.toString());
    }

    private static String warnings(ReportContent content) {
        StringBuilder out = new StringBuilder();
        content.warnings()
                .forEach(text -> out.append("<li>").append(Html.escape(text)).append("</li>"));
        return out.isEmpty() ? "" : "<ul>" + out + "</ul>";
    }

    /** A page around sections that are well-formed XML. */
    public static String page(String title, String subtitle, String sections) {
        StringBuilder out = new StringBuilder();
        out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n");
        out.append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; ");
        out.append("style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n");
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        out.append("<meta name=\"color-scheme\" content=\"light dark\"/><link rel=\"icon\" href=\"data:,\"/>\n");
        out.append("<title>").append(Html.escape(title)).append("</title>\n");
        out.append("<style>\n").append(resource("report.css")).append("</style></head>\n<body><main>\n");
        out.append("<header><h1>").append(Html.escape(title)).append("</h1>\n<p>");
        out.append(Html.escape(subtitle)).append("</p></header>\n");
        out.append(sections);
        out.append("<footer>For research and teaching; not a medical device.</footer>\n");
        out.append("</main><script>\n").append(resource("report.js")).append("</script></body></html>\n");
        return out.toString();
    }

    private static void section(StringBuilder out, String title, String body, String style) {
        if (!body.isEmpty()) {
            out.append("<section><h2>")
                    .append(title)
                    .append("</h2>\n<div class=\"")
                    .append(style)
                    .append("\">");
            out.append(body).append("</div></section>\n");
        }
    }

    private static void facts(StringBuilder out, ReportContent content) {
        if (content.facts().isEmpty()) {
            return;
        }
        out.append("<section class=\"facts\">");
        for (Fact fact : content.facts()) {
            out.append("<div><span>").append(Html.escape(fact.name())).append("</span><strong>");
            out.append(Html.escape(fact.value())).append("</strong>");
            String note = fact.note();
            if (note != null) {
                out.append("<small>").append(Html.escape(note)).append("</small>");
            }
            out.append("</div>");
        }
        out.append("</section>\n");
    }

    private static String note(ReportContent content) {
        double tolerance = content.results().stream()
                .flatMap((CaseResult result) -> result.labels().values().stream())
                .mapToDouble(metrics -> metrics.toleranceMm())
                .findFirst()
                .orElse(Double.NaN);
        return "<p class=\"note\">Mean ± standard deviation, below it the bootstrap 95% interval of the mean. "
                + (Double.isNaN(tolerance) ? "" : "NSD at " + plain(tolerance) + " mm. ")
                + "Failed: only one of the two masks has the label; it counts with Dice 0. "
                + "Undefined: neither has it; it is left out.</p>";
    }

    private static String plain(double value) {
        String text = Html.number(value, 2);
        return text.replaceAll("\\.?0+$", "");
    }

    private static void pictures(StringBuilder out, ReportContent content) {
        if (content.pictures().isEmpty()) {
            return;
        }
        boolean heat = content.pictures().stream().anyMatch(p -> !p.attention().isEmpty());
        out.append("<section><h2>Pictures</h2>\n<p class=\"legend\"><span class=\"key truth\"></span>truth ");
        out.append("<span class=\"key prediction\"></span>prediction");
        if (heat) {
            out.append(" <span class=\"key heat\"></span>gate, from its lowest to its highest value in the slice; ");
            out.append("the white line is the prediction");
        }
        out.append("</p>\n");
        content.pictures().forEach(picture -> gallery(out, picture));
        out.append("</section>\n");
    }

    private static void gallery(StringBuilder out, CasePicture picture) {
        Overlay overlay = Overlay.of(picture.image(), picture.truth(), picture.prediction());
        Double dice = picture.dice();
        out.append("<article><h3><span class=\"role\">")
                .append(Html.escape(picture.role()))
                .append("</span> ");
        out.append(Html.name(picture.caseName()));
        if (dice != null) {
            out.append(" <span class=\"dice\">Dice ")
                    .append(Html.number(dice, 3))
                    .append("</span>");
        }
        if (picture.image().grid().dimension() == 3) {
            out.append(" <span class=\"slice\">slice ")
                    .append(overlay.slice() + 1)
                    .append("</span>");
        }
        out.append("</h3>\n<div class=\"gallery\">");
        figure(out, overlay.image(), "image", picture);
        if (picture.truth() != null) {
            figure(out, overlay.truth(), "truth", picture);
        }
        figure(out, overlay.prediction(), "prediction", picture);
        if (picture.truth() != null) {
            figure(out, overlay.comparison(), "both", picture);
        }
        for (Map.Entry<String, Image> gate : picture.attention().entrySet()) {
            Window range = overlay.heatRange(gate.getValue());
            String caption =
                    String.format(Locale.ROOT, "gate %s, %.2f to %.2f", gate.getKey(), range.low(), range.high());
            figure(out, overlay.attention(gate.getValue(), range), caption, picture);
        }
        out.append("</div></article>\n");
    }

    private static void figure(StringBuilder out, BufferedImage shown, String caption, CasePicture picture) {
        out.append("<figure><img loading=\"lazy\" width=\"").append(shown.getWidth());
        out.append("\" height=\"").append(shown.getHeight()).append("\" alt=\"");
        out.append(Html.escape(caption + " of case " + picture.caseName())).append("\" src=\"");
        out.append(Overlay.dataUri(shown)).append("\"/><figcaption>").append(Html.escape(caption));
        out.append("</figcaption></figure>\n");
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
