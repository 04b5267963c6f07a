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
import java.util.Random;
import javax.imageio.ImageIO;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/** The viewer in a browser, from dropping a file to looking at what comes of it. */
class ViewerTest {
    @TempDir
    private static Path folder;

    private static Browser browser;
    private static PageServer server;

    @BeforeAll
    static void start() {
        browser = Browser.start(folder.resolve("profile"));
        server = PageServer.start(folder.resolve("work"), null);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() {
        browser.open(server.address() + "/", 1280, 800);
        browser.await("document.body.dataset.ready");
        browser.errors();
        browser.requests();
    }

    @AfterEach
    void nothing_went_wrong_and_nothing_left_the_server() {
        assertThat(browser.errors()).isEmpty();
        assertThat(browser.requests()).isNotEmpty().allMatch(url -> url.startsWith(server.address() + "/"));
    }

    @Test
    void a_dropped_volume_is_shown_with_its_mask() {
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
        assertThat(Browser.difference(with, without)).isGreaterThan(3000);
        assertThat(green(without)).isZero();
        browser.press(" ");
        assertThat(Browser.difference(with, browser.pixels("canvas"))).isLessThan(1000); // rays begin at random
        drop("nuclei", "canvas"); // NiiVue would take it for itself
        browser.await("document.body.dataset.runs === '2' || document.body.dataset.state === 'failed'");
        assertThat(browser.text("#error")).contains("a 2D image", "choose a 2D model");
        assertThat(browser.errors()).hasSize(1); // the console notes the server's 422
    }

    @Test
    void keys_hide_labels_and_show_attention() {
        sample("hippocampus", 1);
        browser.click("[data-view=sagittal]");
        BufferedImage all = browser.pixels("canvas");
        browser.press("1");
        assertThat(browser.is("document.getElementById('label-0').checked")).isFalse();
        BufferedImage posterior = browser.pixels("canvas");
        assertThat(green(posterior)).isLessThan(green(all) / 10);
        browser.press("m");
        assertThat(browser.is("document.getElementById('label-1').checked")).isFalse();
        BufferedImage bare = browser.pixels("canvas");
        assertThat(Browser.difference(posterior, bare)).isGreaterThan(5000);
        browser.press("a");
        browser.await("document.body.dataset.heat");
        assertThat(browser.is("document.getElementById('heat').value.startsWith('layer_attention_')"))
                .isTrue();
        BufferedImage attention = browser.pixels("canvas");
        assertThat(Browser.difference(bare, attention)).isGreaterThan(20_000);
        browser.press("m");
        browser.keep("attention");
        browser.press(Keys.ARROW_RIGHT);
        assertThat(Browser.difference(attention, browser.pixels("canvas"))).isGreaterThan(5000);
        browser.press("?");
        assertThat(browser.is("document.getElementById('help').open")).isTrue();
        browser.keep("help");
        browser.press(Keys.ESCAPE);
        assertThat(browser.is("document.getElementById('help').open")).isFalse();
    }

    @Test
    void each_plane_and_the_solid_view_show_something_of_their_own() {
        sample("hippocampus", 1);
        BufferedImage before = browser.pixels("canvas");
        for (String view : new String[] {"axial", "coronal", "sagittal", "solid", "planes"}) {
            browser.click("[data-view=" + view + "]");
            BufferedImage now = browser.pixels("canvas");
            assertThat(Browser.difference(before, now)).as(view).isGreaterThan(20_000);
            assertThat(green(now)).as(view).isGreaterThan(1000);
            browser.keep("view-" + view);
            before = now;
        }
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
        int scale = Math.min(width / 200, height / 160);
        assertThat(green(canvas)).isGreaterThan(500 * scale * scale);
        assertThat(green(canvas.getSubimage(width / 2, 0, width - width / 2, height)))
                .isZero();
        assertThat(green(canvas.getSubimage(0, height / 2, width, height - height / 2)))
                .isZero();
        assertThat(browser.is("document.getElementById('views').hidden")).isTrue();
        assertThat(browser.text("#volumes-head")).contains("pixels");
    }

    @Test
    void two_models_are_compared_side_by_side() {
        new Select(browser.find("#other")).selectByValue("twin");
        sample("hippocampus", 1);
        browser.keep("compare");
        assertFits();
        assertThat(browser.text("#scans")).contains("A · hippocampus", "B · twin");
        assertThat(browser.text("#volumes")).contains("1.463 1.463 +0.000");
        BufferedImage first = browser.pixels("figure:nth-child(1) canvas");
        BufferedImage second = browser.pixels("figure:nth-child(2) canvas");
        assertThat(Browser.difference(first, second))
                .isLessThan(first.getWidth() * first.getHeight() / 20); // rays begin at random
        browser.click("figure:nth-child(1) canvas", -90, -90); // the crosshair goes there, in both
        BufferedImage moved = browser.pixels("figure:nth-child(2) canvas");
        assertThat(Browser.difference(second, moved)).isGreaterThan(2000);
        browser.size(390, 844);
        browser.await("document.querySelectorAll('canvas')[1].width <= 390");
        assertFits();
        browser.keep("compare-narrow");
    }

    @Test
    void a_narrow_window_shows_the_same_without_scrolling_sideways() {
        browser.size(390, 844);
        assertFits();
        browser.keep("empty-narrow");
        sample("nuclei", 1);
        assertFits();
        browser.keep("picture-narrow");
        assertThat(green(browser.pixels("canvas"))).isGreaterThan(5000);
        browser.click("details:has(#card) summary");
        assertThat(browser.text("#card")).contains("CC0-1.0", "Dice", "0.920", "no medical device");
        assertFits();
    }

    @Test
    void several_files_are_leafed_through() throws IOException {
        Path image = Files.write(
                folder.resolve("one.png"), server.get("/samples/nuclei").body());
        Path copy = Files.copy(image, folder.resolve("two.png"));
        new Select(browser.find("#model")).selectByValue("nuclei");
        browser.find("#file").sendKeys(image.toAbsolutePath() + "\n" + copy.toAbsolutePath());
        shown(1);
        assertThat(browser.text("#cases")).contains("1/2 one", "2/2 two");
        new Select(browser.find("#case")).selectByValue("1");
        browser.await("document.body.dataset.case === '1'");
        assertThat(browser.find("#masks a").getDomProperty("href")).endsWith("/files/1/mask.png");
    }

    @Test
    void a_job_under_way_is_cancelled() {
        Path file = folder.resolve("large.nii.gz");
        float[] noise = new float[160 * 160 * 160];
        var random = new Random(1);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextFloat();
        }
        Images.write(Image.of(Grid.of(160, 160, 160), noise), file);
        browser.click("#mirror"); // eight times the work
        browser.find("#file").sendKeys(file.toAbsolutePath().toString());
        browser.await("document.getElementById('progress-text').textContent.includes('%')");
        browser.keep("running");
        browser.click("#cancel");
        browser.await("document.body.dataset.state === 'idle'");
        assertThat(browser.is("document.getElementById('run').disabled")).isFalse();
        browser.await("the server knows", () -> server.text("/api/jobs").contains("\"state\":\"cancelled\""));
    }

    @Test
    void what_is_no_image_is_refused_with_the_servers_sentence() throws IOException {
        Path file = Files.writeString(folder.resolve("letter.png"), "Dear reader");
        browser.find("#file").sendKeys(file.toAbsolutePath().toString());
        browser.await("document.body.dataset.state === 'failed'");
        browser.keep("refused");
        assertThat(browser.text("#error")).contains("letter", "its first bytes are those of no image");
        assertThat(browser.errors()).hasSize(1); // the console notes the server's 415
    }

    @Test
    void the_page_of_the_api_shows_the_description() {
        browser.open(server.address() + "/docs", 1280, 800);
        browser.await("document.querySelector('#swagger-ui .info .title')");
        browser.keep("docs");
        assertThat(browser.text("#swagger-ui .info")).contains("attunet");
    }

    /** Drops a sample on an element as a file of its own. */
    private static void drop(String sample, String target) {
        browser.script("""
                const [sample, selector] = arguments;
                return fetch('/samples/' + sample).then((response) => response.blob()).then((blob) => {
                  const transfer = new DataTransfer();
                  transfer.items.add(new File([blob], sample === 'nuclei' ? 'drop.png' : 'drop.nii.gz'));
                  for (const type of ['dragenter', 'dragover', 'drop']) {
                    const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
                    document.querySelector(selector).dispatchEvent(event);
                  }
                });""", sample, target);
    }

    private static void sample(String name, int run) {
        browser.await("document.querySelector('[data-sample=" + name + "]')");
        browser.click("[data-sample=" + name + "]");
        shown(run);
    }

    /** Waits until a run, counted from 1, is on the screen. */
    private static void shown(int run) {
        browser.await("document.body.dataset.runs === '" + run + "' || document.body.dataset.state === 'failed'");
        assertThat(browser.text("#error")).isEmpty();
    }

    private static void assertFits() {
        assertThat(browser.is("document.documentElement.scrollWidth <= innerWidth"))
                .isTrue();
    }

    /** How many pixels have the colour of the first label, over whatever grey. */
    private static int green(BufferedImage picture) {
        int count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                var colour = new Color(picture.getRGB(x, y));
                count += colour.getGreen() > colour.getRed() + 40 && colour.getGreen() > colour.getBlue() + 12 ? 1 : 0;
            }
        }
        return count;
    }
}
