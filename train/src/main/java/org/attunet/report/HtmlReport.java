package org.attunet.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.attunet.image.Image;
import org.attunet.io.WholeFile;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.attunet.picture.Window;

/**
 * Writes a report as one self-contained HTML file with style, script, charts and pictures; a content security policy forbids
 * every request. Light and dark follow the reader's system; the page fits phones and prints.
 *
 * <p>All texts are escaped, since names of cases and settings may come from anywhere.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /** Writes the page, whole or not at all. */
    public static void write(ReportContent content, Path file) {
        WholeFile.writeString(file, html(content));
    }

    /** Returns the page, which is well-formed XML after its first line. */
    public static String html(ReportContent content) {
        StringBuilder out = new StringBuilder();
        facts(out, content);
        section(out, "Warnings", warnings(content), "");
        pictures(out, content);
        section(out, "Training", Curves.of(content.history()), "curves");
        String gates = GateCurves.of(content.attention());
        if (!gates.isEmpty()) {
            out.append("<section><h2>Where the attention gates look</h2>\n<p class=\"legend\">mean coefficient over the"
                    + " first validation cases, 0 (shut) to 1 (open): solid line inside the target, dashed line"
                    + " outside</p>\n<div class=\"curves\">" + gates + "</div></section>\n");
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
        content.warnings().forEach(text -> out.append("<li>" + Html.escape(text) + "</li>"));
        return out.isEmpty() ? "" : "<ul>" + out + "</ul>";
    }

    /** Returns a page around sections that are well-formed XML. */
    public static String page(String title, String subtitle, String sections) {
        return """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"/>
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
                style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/><link rel="icon" href="data:,"/>
                """
                + "<title>" + Html.escape(title) + "</title>\n"
                + "<style>\n" + resource("report.css") + "</style></head>\n<body><main>\n"
                + "<header><h1>" + Html.escape(title) + "</h1>\n<p>" + Html.escape(subtitle) + "</p></header>\n"
                + sections + "<footer>For research and teaching; not a medical device.</footer>\n"
                + "</main><script>\n" + resource("report.js") + "</script></body></html>\n";
    }

    private static void section(StringBuilder out, String title, String body, String style) {
        if (!body.isEmpty()) {
            out.append(Html.format("<section><h2>%s</h2>\n<div class=\"%s\">%s</div></section>\n", title, style, body));
        }
    }

    private static void facts(StringBuilder out, ReportContent content) {
        if (content.facts().isEmpty()) {
            return;
        }
        out.append("<section class=\"facts\">");
        for (Fact fact : content.facts()) {
            out.append(Html.format(
                    "<div><span>%s</span><strong>%s</strong></div>",
                    Html.escape(fact.name()), Html.escape(fact.value())));
        }
        out.append("</section>\n");
    }

    private static String note(ReportContent content) {
        String tolerance = Tolerance.text(content.results());
        return "<p class=\"note\">Mean ± standard deviation, below it the bootstrap 95% interval of the mean. "
                + (tolerance.isEmpty() ? "" : "NSD at " + tolerance + ". ")
                + "Failed: only one of the two masks has the label; it counts with Dice 0. "
                + "Undefined: neither has it; it is left out.</p>";
    }

    private static void pictures(StringBuilder out, ReportContent content) {
        if (content.pictures().isEmpty()) {
            return;
        }
        boolean heat = content.pictures().stream().anyMatch(p -> !p.attention().isEmpty());
        out.append("<section><h2>Pictures</h2>\n<p class=\"legend\"><span class=\"key truth\"></span>truth "
                + "<span class=\"key prediction\"></span>prediction");
        if (heat) {
            out.append(" <span class=\"key heat\"></span>gate, from its lowest to its highest value in the slice; "
                    + "the white line is the prediction");
        }
        out.append("</p>\n");
        content.pictures().forEach(picture -> gallery(out, picture));
        out.append("</section>\n");
    }

    private static void gallery(StringBuilder out, CasePicture picture) {
        Overlay overlay = Overlay.of(picture.image(), picture.truth(), picture.prediction());
        Double dice = picture.dice();
        out.append("<article><h3><span class=\"role\">" + Html.escape(picture.role()) + "</span> ");
        out.append(Html.name(picture.caseName()));
        if (dice != null) {
            out.append(" <span class=\"dice\">Dice " + Html.number(dice, 3) + "</span>");
        }
        if (picture.image().grid().dimension() == 3) {
            out.append(" <span class=\"slice\">slice " + (overlay.slice() + 1) + "</span>");
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
            String caption = Html.format("gate %s, %.2f to %.2f", gate.getKey(), range.low(), range.high());
            figure(out, overlay.attention(gate.getValue(), range), caption, picture);
        }
        out.append("</div></article>\n");
    }

    private static void figure(StringBuilder out, BufferedImage shown, String caption, CasePicture picture) {
        out.append(Html.format(
                "<figure><img loading=\"lazy\" width=\"%d\" height=\"%d\" alt=\"%s\" src=\"%s\"/>"
                        + "<figcaption>%s</figcaption></figure>\n",
                shown.getWidth(),
                shown.getHeight(),
                Html.escape(caption + " of case " + picture.caseName()),
                Overlay.dataUri(shown),
                Html.escape(caption)));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
