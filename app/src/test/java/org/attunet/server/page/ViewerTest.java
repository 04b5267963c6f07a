package org.attunet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.attunet.server.DicomScans;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/** The viewer's pictures, drawn by WebGL, from dropping a file to viewing the results. */
class ViewerTest extends ViewedPage {
    @BeforeAll
    static void start() {
        start(new String[0]);
    }

    @Test
    void a_dropped_volume_is_shown_with_its_mask_in_all_views() {
        browser.keep("empty");
        assertFits();
        drop("hippocampus", "#empty .target");
        shown(1);
        browser.keep("volume");
        assertFits();
        assertThat(browser.text("#volumes")).contains("Anterior", "Posterior", "1.463", "1,862");
        assertThat(browser.text("#facts")).contains("40 × 56 × 40 of 1 × 1 × 1 mm", "90.0 %");
        BufferedImage with = browser.pixels("canvas");
        browser.press(" ");
        BufferedImage without = browser.pixels("canvas");
        assertThat(Browser.difference(with, without)).isGreaterThan(0.005);
        assertThat(green(without)).isZero();
        browser.press(" ");
        assertThat(Browser.difference(with, browser.pixels("canvas"))).isLessThan(0.0016); // rays begin at random
        assertThat(blue(with)).isGreaterThan(0.002); // the crosshair
        each_plane_and_the_solid_view_show_something_of_their_own(with);
        keys_hide_labels_and_show_attention();
        drop("nuclei", "canvas"); // NiiVue would take it for itself
        shown(2);
        assertThat(browser.find("#model").getDomProperty("value")).isEqualTo("nuclei");
        assertThat(browser.is("document.getElementById('hint').hidden")).isTrue(); // it is the only one that fits
        a_volume_that_the_browser_cannot_hold_can_be_downloaded();
    }

    private static void each_plane_and_the_solid_view_show_something_of_their_own(BufferedImage first) {
        BufferedImage before = first;
        for (String view : new String[] {"axial", "coronal", "sagittal", "solid", "planes"}) {
            browser.click("[data-view=" + view + "]");
            BufferedImage now = browser.pixels("canvas");
            assertThat(Browser.difference(before, now)).as(view).isGreaterThan(0.033);
            assertThat(green(now)).as(view).isGreaterThan(0.0016);
            browser.keep("view-" + view);
            before = now;
        }
    }

    private static void keys_hide_labels_and_show_attention() {
        browser.click("[data-view=sagittal]");
        BufferedImage all = browser.pixels("canvas");
        browser.press("1");
        assertThat(browser.is("document.getElementById('label-0').checked")).isFalse();
        BufferedImage posterior = browser.pixels("canvas");
        assertThat(green(posterior)).isLessThan(green(all) / 10);
        browser.press("m");
        assertThat(browser.is("document.getElementById('label-1').checked")).isFalse();
        BufferedImage bare = browser.pixels("canvas");
        assertThat(Browser.difference(posterior, bare)).isGreaterThan(0.008);
        browser.press("a");
        browser.await("document.body.dataset.heat");
        assertThat(browser.is("document.getElementById('heat').value.startsWith('Attention: ')"))
                .isTrue();
        BufferedImage attention = browser.pixels("canvas");
        assertThat(Browser.difference(bare, attention)).isGreaterThan(0.033);
        fade("0.05");
        BufferedImage faint = browser.pixels("canvas");
        assertThat(Browser.difference(attention, faint)).isGreaterThan(0.033);
        assertThat(Browser.difference(bare, faint)).isLessThan(Browser.difference(bare, attention) / 2);
        fade("0.7");
        assertThat(Browser.difference(attention, browser.pixels("canvas"))).isLessThan(0.0016);
        browser.press("m");
        browser.keep("attention");
        browser.press(Keys.ARROW_RIGHT);
        assertThat(Browser.difference(attention, browser.pixels("canvas"))).isGreaterThan(0.008);
        browser.press("?");
        assertThat(browser.is("document.getElementById('help').open")).isTrue();
        browser.keep("help");
        browser.press(Keys.ESCAPE);
        assertThat(browser.is("document.getElementById('help').open")).isFalse();
    }

    private static void a_volume_that_the_browser_cannot_hold_can_be_downloaded() {
        browser.script("""
            const real = WebGL2RenderingContext.prototype.getParameter;
            WebGL2RenderingContext.prototype.getParameter = function (name) {
              return name === this.MAX_3D_TEXTURE_SIZE ? 48 : real.call(this, name);
            };\
            """);
        sample("hippocampus", 3);
        browser.keep("too-large");
        assertThat(browser.text("#scans")).contains("40 × 56 × 40 is too large", "up to 48 voxels along each axis");
        assertThat(browser.find("#masks a").getDomProperty("href")).endsWith("/files/0/mask.nii.gz");
        assertThat(browser.is("document.getElementById('heat').disabled")).isTrue();
        browser.press("a");
        browser.press("1");
        browser.press(Keys.ARROW_RIGHT);
    }

    @Test
    void a_dropped_dicom_series_is_shown_with_its_sides_and_can_be_downloaded_as_dicom() throws IOException {
        List<String> slices = new ArrayList<>();
        Path files = Files.createDirectories(folder.resolve("slices"));
        for (Path file : DicomScans.volume(files, 3)) {
            slices.add(Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
        }
        browser.script("""
            const transfer = new DataTransfer();
            arguments[0].forEach((text, k) => {
              const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
              transfer.items.add(new File([bytes], 'IM' + k));
            });
            const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(drop);\
            """, slices);
        shown(1);
        browser.keep("dicom");
        assertThat(browser.text("#facts")).contains("30 × 40 × 26 of 1.1 × 1.2 × 1.3 mm");
        assertThat(browser.find("#masks a").getDomProperty("href")).endsWith("/0/mask.dcm");
        assertThat(browser.is("document.body.textContent.includes('Secret')")).isFalse();
    }

    @Test
    void a_picture_stands_upright_and_its_mask_on_it() throws IOException {
        Path file = folder.resolve("drawn.png");
        var picture = new BufferedImage(200, 160, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setColor(new Color(14, 14, 14));
        graphics.fillRect(0, 0, 200, 160);
        graphics.setColor(new Color(150, 150, 150));
        graphics.fill(new Ellipse2D.Double(20, 15, 26, 22)); // the upper left quarter alone
        graphics.fill(new Ellipse2D.Double(60, 40, 22, 24));
        graphics.dispose();
        ImageIO.write(picture, "png", file.toFile());
        new Select(browser.find("#model")).selectByValue("nuclei");
        browser.find("#file").sendKeys(file.toAbsolutePath().toString());
        shown(1);
        browser.keep("drawn");
        BufferedImage canvas = browser.pixels("canvas");
        int width = canvas.getWidth();
        int height = canvas.getHeight();
        double scale = Math.min(width / 200.0, height / 160.0);
        assertThat(green(canvas) * width * height).isGreaterThan(500 * scale * scale);
        assertThat(green(canvas.getSubimage(width / 2, 0, width - width / 2, height)))
                .isZero();
        assertThat(green(canvas.getSubimage(0, height / 2, width, height - height / 2)))
                .isZero();
        assertThat(browser.is("document.getElementById('views').hidden")).isTrue();
        assertThat(browser.text("#volumes-head")).contains("pixels");
        browser.click("#count");
        browser.click("#run");
        shown(2);
        assertThat(browser.text("#objects-count")).isEqualTo("2");
        browser.press("n");
        browser.press("n");
        assertThat(browser.text("#object")).contains("Object 2 of 2", "px²", "circularity", "confidence");
        BufferedImage outlines = browser.pixels("canvas");
        browser.script("""
            const box = document.querySelector('canvas').getBoundingClientRect();
            const scale = Math.min(box.width / 200, box.height / 160);
            const at = { clientX: box.left + box.width / 2 + (33 - 100) * scale, clientY: box.top + box.height / 2 + (26 - 80) * scale };
            document.querySelector('canvas').dispatchEvent(new PointerEvent('pointermove', { ...at, bubbles: true }));\
            """);
        assertThat(browser.text("#tip")).contains("Object 1 of 2");
        browser.keep("objects");
        browser.press("o");
        assertThat(Browser.difference(outlines, browser.pixels("canvas"))).isGreaterThan(0.002);
    }

    @Test
    void two_models_are_compared_side_by_side() {
        browser.script("""
            window.contexts = new Set();
            const real = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (...kind) {
              const context = real.apply(this, kind);
              if (kind[0] === 'webgl2') contexts.add(context);
              return context;
            };\
            """);
        new Select(browser.find("#other")).selectByValue("twin");
        sample("hippocampus", 1);
        browser.keep("compare");
        assertFits();
        assertThat(browser.text("#scans")).contains("A · hippocampus", "B · twin");
        assertThat(browser.text("#volumes")).contains("1.463 1.463 +0.000");
        BufferedImage first = browser.pixels("figure:nth-child(1) canvas");
        BufferedImage second = browser.pixels("figure:nth-child(2) canvas");
        assertThat(Browser.difference(first, second)).isLessThan(0.05); // rays begin at random
        browser.click("figure:nth-child(1) canvas", -90, -90); // the crosshair goes there, in both
        BufferedImage moved = browser.pixels("figure:nth-child(2) canvas");
        assertThat(Browser.difference(second, moved)).isGreaterThan(0.005);
        labels_are_reported_by_their_names_where_models_number_them_differently();
        browser.click("[data-view=planes]");
        browser.size(390, 844);
        browser.await("innerWidth === 390 && document.querySelectorAll('canvas')[1].width <= 390");
        assertFits();
        assertThat(blue(browser.pixels("figure:nth-child(1) canvas"))).isGreaterThan(0.002); // the crosshair
        browser.keep("compare-narrow");
        new Select(browser.find("#other")).selectByValue("");
        browser.click("#run");
        shown(3);
        assertThat(browser.is("[...contexts].filter((context) => !context.isContextLost()).length === 1"))
                .isTrue();
        assertThat(browser.is("document.querySelectorAll('figure').length === 1"))
                .isTrue();
    }

    private static void labels_are_reported_by_their_names_where_models_number_them_differently() {
        new Select(browser.find("#other")).selectByValue("crossed");
        browser.click("#run");
        shown(2);
        browser.click("[data-view=axial]");
        browser.keep("crossed");
        assertThat(browser.text("#volumes")).contains("1.463 1.862 +0.399", "1.862 1.463 −0.399");
        browser.press("2"); // leaves the Anterior of each: what its model calls so
        BufferedImage first = browser.pixels("figure:nth-child(1) canvas");
        BufferedImage second = browser.pixels("figure:nth-child(2) canvas");
        assertThat(green(first)).isGreaterThan(0.017);
        assertThat(green(second)).isGreaterThan(0.017);
        assertThat(Browser.difference(first, second)).isGreaterThan(0.034);
        new Select(browser.find("#heat")).selectByVisibleText("Probability: Anterior");
        browser.await("document.body.dataset.heat");
        assertThat(browser.script("""
            const names = performance.getEntriesByType('resource').map((entry) => entry.name);
            return names.map((name) => name.match(/probability_\\d/)?.[0]).filter(Boolean).sort().join();\
            """)).isEqualTo("probability_1,probability_2");
    }

    /** Sets the opacity of the heat map. */
    private static void fade(String opacity) {
        browser.script("""
            const slider = document.getElementById('heat-opacity');
            slider.value = arguments[0];
            slider.dispatchEvent(new Event('input'));\
            """, opacity);
    }

    /** Returns the share of the pixels in the colour of the crosshair. */
    private static double blue(BufferedImage picture) {
        int count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                var colour = new Color(picture.getRGB(x, y));
                count += colour.getBlue() > 200 && colour.getRed() < 120 ? 1 : 0;
            }
        }
        return (double) count / (picture.getWidth() * picture.getHeight());
    }
}
