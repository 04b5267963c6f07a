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
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/** The viewer in a browser, from dropping a file to viewing the results. */
class ViewerTest {
    @TempDir
    private static Path folder;

    /** Holds requests whose address has a part; {@code release} sends them and returns the outcome of the last one. */
    private static final String HOLD = """
        window.held = [];
        window.hold = (part) => {
          const real = window.fetch;
          const outcomes = [];
          window.held = [];
          window.fetch = (url, options) => {
            if (!url.includes(part)) return real(url, options);
            const late = new Promise((go) => held.push(go)).then(() => real(url, options));
            outcomes.push(late.then(() => 'fetched', (failure) => failure.name));
            return late;
          };
          window.release = async () => {
            window.fetch = real;
            held.forEach((go) => go());
            return (await Promise.all(outcomes)).at(-1);
          };
        };
        """;

    private static Browser browser;
    private static LiveServer server;
    private static Path noise;

    @BeforeAll
    static void start() {
        noise = noise(folder.resolve("noise.nii.gz"));
        browser = Browser.start(folder.resolve("profile"));
        server = new TestConfig(folder.resolve("work")).serve(PageModels.open(folder));
    }

    private static Path noise(Path file) {
        float[] voxels = new float[112 * 112 * 112];
        var random = new Random(1);
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = random.nextFloat();
        }
        Images.write(Image.of(Grid.of(112, 112, 112), voxels), file);
        return file;
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
        assertThat(Browser.difference(with, without)).isGreaterThan(0.005);
        assertThat(green(without)).isZero();
        browser.press(" ");
        assertThat(Browser.difference(with, browser.pixels("canvas"))).isLessThan(0.0016); // rays begin at random
        drop("nuclei", "canvas"); // NiiVue would take it for itself
        shown(2);
        assertThat(browser.find("#model").getDomProperty("value")).isEqualTo("nuclei");
        assertThat(browser.is("document.getElementById('hint').hidden")).isTrue(); // it is the only one that fits
    }

    @Test
    void an_image_that_no_model_fits_waits_and_its_mask_carries_the_warning() {
        browser.click("[data-sample=abdomen]");
        browser.await("document.body.dataset.state === 'idle' && !document.getElementById('hint').hidden");
        assertThat(browser.text("#hint")).contains("a slice of a scan", "trained on pictures", "No model");
        browser.size(390, 844);
        assertFits();
        browser.keep("misfit-narrow");
        browser.click("#run");
        shown(1);
        assertThat(browser.text("#warnings")).contains("the image is a slice of a scan, but the model");
        assertFits();
        browser.keep("misfit-result-narrow");
    }

    @Test
    void of_several_models_that_fit_another_one_is_a_click_away() {
        new Select(browser.find("#model")).selectByValue("nuclei");
        sample("hippocampus", 1);
        assertThat(browser.find("#model").getDomProperty("value")).isEqualTo("hippocampus");
        assertThat(browser.text("#hint")).isEqualTo("3 models fit this volume:");
        browser.click("#fitting button:nth-child(3)");
        shown(2);
        assertThat(browser.text("#fitting")).contains("crossed");
        assertThat(browser.find("#model").getDomProperty("value")).isEqualTo("crossed");
        assertThat(browser.text("#volumes")).contains("Anterior", "1.862");
    }

    @Test
    void without_webgl_slices_are_shown_and_all_else_works() {
        String without = """
            const real = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (...kind) {
              return kind[0].startsWith('webgl') ? null : real.apply(this, kind);
            };\
            """;
        try (Browser.Script unused = browser.before(without)) {
            browser.open(server.address() + "/", 390, 844);
            browser.await("document.body.dataset.ready");
            sample("hippocampus", 1);
            assertThat(browser.text("#notes")).contains("this browser has no WebGL 2", "downloads work");
            assertThat(browser.text("#volumes")).contains("Anterior", "1.463");
            assertFits();
            browser.keep("flat-narrow");
            BufferedImage before = browser.pixels("canvas");
            assertThat(green(before)).isGreaterThan(0.02);
            for (String view : new String[] {"coronal", "sagittal", "axial"}) {
                browser.click("[data-view=" + view + "]");
                BufferedImage now = browser.pixels("canvas");
                assertThat(Browser.difference(before, now)).as(view).isGreaterThan(0.1);
                assertThat(green(now)).as(view).isGreaterThan(0.01);
                before = now;
            }
            browser.press(Keys.ARROW_UP);
            assertThat(Browser.difference(before, browser.pixels("canvas"))).isGreaterThan(0.01);
            browser.press("a");
            browser.await("document.body.dataset.heat");
            assertThat(Browser.difference(before, browser.pixels("canvas"))).isGreaterThan(0.1);
            String files = "return Promise.all([...document.querySelectorAll('#files a, #masks a')].map((a) =>"
                    + " fetch(a.href).then((answer) => answer.status))).then((all) => [...new Set(all)].join())";
            assertThat(browser.script(files)).isEqualTo("200");
        }
    }

    @Test
    void the_crosshair_is_as_wide_as_a_line_can_be_seen() {
        sample("hippocampus", 1);
        assertThat(blue(browser.pixels("canvas"))).isGreaterThan(0.002);
        browser.size(390, 844);
        browser.await("document.querySelector('canvas').width <= 390");
        assertThat(blue(browser.pixels("canvas"))).isGreaterThan(0.002);
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

    @Test
    void each_plane_and_the_solid_view_show_something_of_their_own() {
        sample("hippocampus", 1);
        BufferedImage before = browser.pixels("canvas");
        for (String view : new String[] {"axial", "coronal", "sagittal", "solid", "planes"}) {
            browser.click("[data-view=" + view + "]");
            BufferedImage now = browser.pixels("canvas");
            assertThat(Browser.difference(before, now)).as(view).isGreaterThan(0.033);
            assertThat(green(now)).as(view).isGreaterThan(0.0016);
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
        double scale = Math.min(width / 200.0, height / 160.0);
        assertThat(green(canvas) * width * height).isGreaterThan(500 * scale * scale);
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
        assertThat(Browser.difference(first, second)).isLessThan(0.05); // rays begin at random
        browser.click("figure:nth-child(1) canvas", -90, -90); // the crosshair goes there, in both
        BufferedImage moved = browser.pixels("figure:nth-child(2) canvas");
        assertThat(Browser.difference(second, moved)).isGreaterThan(0.005);
        browser.size(390, 844);
        browser.await("document.querySelectorAll('canvas')[1].width <= 390");
        assertFits();
        browser.keep("compare-narrow");
    }

    @Test
    void labels_are_reported_by_their_names_where_models_number_them_differently() {
        browser.script("""
            window.contexts = new Set();
            const real = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (...kind) {
              const context = real.apply(this, kind);
              if (kind[0] === 'webgl2') contexts.add(context);
              return context;
            };\
            """);
        new Select(browser.find("#other")).selectByValue("crossed");
        sample("hippocampus", 1);
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
        new Select(browser.find("#other")).selectByValue("");
        browser.click("#run");
        shown(2);
        assertThat(browser.is("[...contexts].filter((context) => !context.isContextLost()).length === 1"))
                .isTrue();
        assertThat(browser.is("document.querySelectorAll('figure').length === 1"))
                .isTrue();
    }

    @Test
    void a_narrow_window_shows_the_same_without_scrolling_sideways() {
        browser.size(390, 844);
        assertFits();
        browser.keep("empty-narrow");
        sample("nuclei", 1);
        assertFits();
        browser.keep("picture-narrow");
        assertThat(green(browser.pixels("canvas"))).isGreaterThan(0.02);
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
        browser.script(HOLD + "hold('/files/0/layer_image');"); // what comes late is not shown
        new Select(browser.find("#case")).selectByValue("0");
        browser.await("held.length === 1");
        new Select(browser.find("#case")).selectByValue("1");
        assertThat(browser.script("return release()")).isEqualTo("AbortError");
        browser.await("document.getElementById('loading').hidden");
        browser.script("hold('/files/1/layer_attention');");
        browser.press("a");
        browser.await("held.length === 1");
        new Select(browser.find("#case")).selectByValue("0");
        browser.await("document.body.dataset.case === '0' && document.body.dataset.heat");
        assertThat(browser.script("return release()")).isEqualTo("AbortError");
        assertThat(browser.find("#masks a").getDomProperty("href")).endsWith("/files/0/mask.png");
    }

    @Test
    void an_image_that_fails_leaves_the_others() throws IOException {
        byte[] volume = server.get("/samples/hippocampus").body();
        Path whole = Files.write(folder.resolve("whole.nii.gz"), volume);
        Path torn = Files.write(folder.resolve("torn.nii.gz"), Arrays.copyOf(volume, volume.length / 2));
        browser.find("#file").sendKeys(torn.toAbsolutePath() + "\n" + whole.toAbsolutePath());
        shown(1);
        assertThat(browser.is("document.body.dataset.case === '1'")).isTrue();
        new Select(browser.find("#case")).selectByValue("0");
        browser.await("document.body.dataset.state === 'failed'");
        browser.keep("case-failed");
        assertThat(browser.text("#error")).contains("torn");
        assertThat(browser.is("document.querySelector('canvas')")).isFalse();
        assertThat(browser.is("document.getElementById('findings').hidden")).isTrue();
        new Select(browser.find("#case")).selectByValue("1");
        browser.await("document.body.dataset.state === 'shown'");
        assertThat(browser.text("#error")).isEmpty();
        assertThat(green(browser.pixels("canvas"))).isGreaterThan(0.008);
    }

    @Test
    void a_job_under_way_is_cancelled() {
        long before = jobs("");
        beginLong();
        browser.keep("running");
        browser.click("#cancel");
        browser.await("document.body.dataset.state === 'idle'");
        assertThat(browser.is("document.getElementById('run').disabled")).isFalse();
        browser.await("the server has thrown it away", () -> jobs("") == before);
    }

    @Test
    void a_job_that_was_taken_in_when_it_was_cancelled_is_taken_back() {
        browser.script("""
            window.answers = [];
            const real = Object.getOwnPropertyDescriptor(XMLHttpRequestEventTarget.prototype, 'onload');
            Object.defineProperty(XMLHttpRequest.prototype, 'onload', {
              set(heard) {
                real.set.call(this, (event) => answers.push(() => heard.call(this, event)));
              },
            });\
            """);
        long before = jobs("");
        browser.click("[data-sample=hippocampus]");
        browser.await("answers.length === 1");
        assertThat(jobs("")).isEqualTo(before + 1);
        browser.click("#cancel");
        browser.await("document.body.dataset.state === 'idle'");
        browser.script("answers[0]()");
        browser.await("the server has thrown it away", () -> jobs("") == before);
    }

    @Test
    void a_job_under_way_ends_with_the_page() {
        long before = jobs("cancelled");
        beginLong();
        browser.open(server.address() + "/docs", 1280, 800);
        browser.await("the server knows", () -> jobs("cancelled") == before + 1);
    }

    @Test
    void another_image_ends_the_job_of_the_one_before() {
        long before = jobs("");
        beginLong();
        drop("hippocampus", "#empty .target");
        shown(1);
        assertThat(browser.text("#facts")).contains("40 × 56 × 40");
        browser.await("the server has thrown the other one away", () -> jobs("") == before + 1);
    }

    @Test
    void a_job_goes_where_the_other_model_refuses_the_image() {
        long before = jobs("");
        new Select(browser.find("#model")).selectByValue("nuclei");
        new Select(browser.find("#other")).selectByValue("hippocampus");
        drop("nuclei", "#empty .target");
        browser.await("document.getElementById('run').textContent === 'Segment anyway'");
        assertThat(browser.text("#hint")).contains("hippocampus takes volumes only");
        browser.click("#run");
        browser.await("document.body.dataset.state === 'failed'");
        assertThat(browser.text("#error")).contains("choose a 2D model");
        browser.await("the server has thrown the job away", () -> jobs("") == before);
        assertThat(browser.errors()).hasSize(1); // the console notes the server's 422
    }

    @Test
    void an_image_waits_for_the_models() {
        try (Browser.Script unused = browser.before(HOLD + "hold('/api/models');")) {
            browser.open(server.address() + "/", 1280, 800);
            drop("hippocampus", "#empty .target");
            browser.await("document.getElementById('progress-text').textContent.includes('models')");
            browser.script("release()");
            shown(1);
        }
    }

    @Test
    void a_server_that_is_away_for_a_moment_is_asked_again() {
        browser.script("""
            const real = window.fetch;
            window.away = 0;
            window.fetch = (url, options) =>
              /jobs\\/[^/]+$/.test(url) && away++ < 2 ? Promise.reject(new TypeError('away')) : real(url, options);\
            """);
        sample("nuclei", 1);
        assertThat(browser.is("away > 2")).isTrue();
    }

    @Test
    void heat_of_a_job_that_has_gone_is_reported() {
        sample("nuclei", 1);
        browser.script(
                "return fetch(document.querySelector('#masks a').href.split('/files')[0], { method: 'DELETE' })");
        browser.press("a");
        browser.await("!document.getElementById('error').hidden");
        assertThat(browser.text("#error")).contains("it may have expired or been removed");
        assertThat(browser.is("document.getElementById('heat').value === ''")).isTrue();
        assertThat(browser.is("document.body.dataset.state === 'shown'")).isTrue();
        assertThat(browser.errors()).hasSize(1); // the console notes the server's 404
    }

    @Test
    void a_volume_that_the_browser_cannot_hold_can_be_downloaded() {
        browser.script("""
            const real = WebGL2RenderingContext.prototype.getParameter;
            WebGL2RenderingContext.prototype.getParameter = function (name) {
              return name === this.MAX_3D_TEXTURE_SIZE ? 48 : real.call(this, name);
            };\
            """);
        sample("hippocampus", 1);
        browser.keep("too-large");
        assertThat(browser.text("#scans")).contains("40 × 56 × 40 is too large", "up to 48 voxels along each axis");
        assertThat(browser.find("#masks a").getDomProperty("href")).endsWith("/files/0/mask.nii.gz");
        assertThat(browser.is("document.getElementById('heat').disabled")).isTrue();
        browser.press("a");
        browser.press("1");
        browser.press(Keys.ARROW_RIGHT);
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
        var ground = new Color(browser.pixels("body").getRGB(4, 80));
        assertThat(ground.getRed() + ground.getGreen() + ground.getBlue()).isLessThan(120); // dark, as the viewer is
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
            });\
            """, sample, target);
    }

    /** Sets the opacity of the heat map and waits until it is drawn. */
    private static void fade(String opacity) {
        browser.script("""
            const slider = document.getElementById('heat-opacity');
            slider.value = arguments[0];
            slider.dispatchEvent(new Event('input'));
            return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));\
            """, opacity);
    }

    /** Starts a job that takes far longer than a test. */
    private static void beginLong() {
        browser.click("#mirror"); // eight times the work
        browser.find("#file").sendKeys(noise.toAbsolutePath().toString());
        browser.await("/Reading|Segmenting/.test(document.getElementById('progress-text').textContent)");
    }

    /** Counts the server's jobs in a state, or all. */
    private static long jobs(String state) {
        return Pattern.compile("\"state\":\"" + state)
                .matcher(server.text("/api/jobs"))
                .results()
                .count();
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

    /** Returns the share of the pixels in the colour of the first label, over any grey. */
    private static double green(BufferedImage picture) {
        int count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                var colour = new Color(picture.getRGB(x, y));
                count += colour.getGreen() > colour.getRed() + 40 && colour.getGreen() > colour.getBlue() + 12 ? 1 : 0;
            }
        }
        return (double) count / (picture.getWidth() * picture.getHeight());
    }
}
