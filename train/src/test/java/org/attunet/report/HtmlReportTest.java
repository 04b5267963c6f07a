package org.attunet.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HtmlReportTest {
    private static final Grid GRID = Grid.of(32, 32);
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "nucleus <b>"));
    private static final String EVIL = "<script>alert('x')</script>&\"\u0001\u202e";

    private static LabelMap square(int from, int to) {
        short[] labels = new short[32 * 32];
        for (int y = from; y < to; y++) {
            for (int x = from; x < to; x++) {
                labels[y * 32 + x] = 1;
            }
        }
        return new LabelMap(GRID, labels);
    }

    private static CaseResult result(String name, int to) {
        return CaseComparison.compare(name, square(4, 20), square(4, to), LABELS, Tolerance.of(2));
    }

    private static ReportContent content() {
        List<CaseResult> results =
                List.of(result("fine", 20), result(EVIL, 12), result("between", 16), result("missed", 4));
        List<HistoryPoint> history = new ArrayList<>();
        for (int step = 1; step <= 100; step++) {
            Double dice = step % 20 == 0 ? 0.5 + step / 400.0 : null;
            history.add(new HistoryPoint(step, step / 60.0, 1.0 / step, dice, 1e-3, 0));
        }
        float[] values = new float[32 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7;
        }
        Image image = Image.of(GRID, values);
        CasePicture picture =
                new CasePicture(EVIL, "worst", 0.5, image, square(4, 20), square(4, 12), Map.of("Att<5>", image));
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("loss", "Dice & cross-entropy");
        return new ReportContent(
                "A <title>",
                "from " + EVIL,
                List.of(new Fact("mean Dice", "<0.5>")),
                history,
                results,
                Summary.of(results),
                LABELS,
                List.of(picture),
                List.of(),
                List.of(),
                settings);
    }

    private static Document parsed(String html) throws Exception {
        String xml = html.substring(html.indexOf('\n') + 1);
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    @Test
    void the_page_is_well_formed_and_has_its_parts() throws Exception {
        Document page = parsed(HtmlReport.html(content()));
        List<String> headings =
                elements(page, "h2").stream().map(Element::getTextContent).toList();
        assertEquals(List.of("Pictures", "Training", "Measures", "Cases", "Settings"), headings);
        assertEquals(5, elements(page, "img").size()); // image, truth, prediction, both, one gate
        assertEquals(3, elements(page, "svg").size());
    }

    @Test
    void the_page_asks_nothing_of_the_network() throws Exception {
        String html = HtmlReport.html(content());
        assertFalse(html.contains("http://") || html.contains("https://"));
        assertFalse(html.contains("url(") || html.contains("@import"));
        Document page = parsed(html);
        for (Element element : elements(page, "*")) {
            for (String attribute : List.of("src", "href", "action", "data")) {
                String value = element.getAttribute(attribute);
                assertTrue(value.isEmpty() || value.startsWith("data:"), value);
            }
        }
        assertTrue(html.contains("default-src 'none'"));
    }

    @Test
    void names_from_outside_stay_text() throws Exception {
        Document page = parsed(HtmlReport.html(content()));
        assertEquals(1, elements(page, "script").size(), "only the page's own script");
        assertEquals(
                0,
                elements(page, "title").stream()
                        .filter(title -> !"head".equals(title.getParentNode().getNodeName()))
                        .count());
        String shown = EVIL.replace('\u0001', '\ufffd');
        assertTrue(elements(page, "bdi").stream().anyMatch(bdi -> shown.equals(bdi.getTextContent())));
        assertTrue(elements(page, "img").stream()
                .anyMatch(img -> img.getAttribute("alt").equals("prediction of case " + shown)));
        assertTrue(elements(page, "figcaption").stream()
                .anyMatch(caption -> caption.getTextContent().startsWith("gate Att<5>")));
    }

    @Test
    void the_table_lists_every_case_the_worst_first() throws Exception {
        Document page = parsed(HtmlReport.html(content()));
        Element table = elements(page, "table").stream()
                .filter(t -> "cases".equals(t.getAttribute("class")))
                .findFirst()
                .orElseThrow();
        NodeList rows = ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
        assertEquals(4, rows.getLength());
        assertEquals("missed failed", rows.item(0).getFirstChild().getTextContent());
        // 16 x 16 and 12 x 12 pixels in one another: Dice 2 * 144 / (256 + 144)
        Element between = (Element) rows.item(2);
        assertEquals("between", between.getFirstChild().getTextContent());
        Element dice = (Element) between.getElementsByTagName("td").item(0);
        assertEquals(0.72, Double.parseDouble(dice.getAttribute("data-v")), 1e-12);
        assertEquals("0.720", dice.getTextContent());
    }

    @Test
    void parts_without_content_are_left_out() throws Exception {
        ReportContent empty = new ReportContent(
                "Nothing", "", List.of(), List.of(), List.of(), null, null, List.of(), List.of(), List.of(), Map.of());
        Document page = parsed(HtmlReport.html(empty));
        assertEquals(0, elements(page, "section").size());
    }

    @Test
    void the_file_is_the_page(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("report.html");
        HtmlReport.write(content(), file);
        assertEquals(HtmlReport.html(content()), Files.readString(file));
    }
}
