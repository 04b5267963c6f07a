package org.attunet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/**
 * What the viewer does around its pictures: jobs, failures, several files, warnings. The browser has no WebGL, which takes
 * a processor seconds for each page.
 */
class ViewerWithoutWebGlTest extends ViewedPage {
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

    private static Path noise;

    @BeforeAll
    static void start() {
        start("--disable-3d-apis");
        noise = noise(folder.resolve("noise.nii.gz"));
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
    void an_image_waits_for_the_models_and_its_slices_are_shown() {
        try (Browser.Script unused = browser.before(HOLD + "hold('/api/models');")) {
            browser.open(server.address() + "/", 390, 844);
            drop("hippocampus", "#empty .target");
            browser.await("document.getElementById('progress-text').textContent.includes('models')");
            browser.script("release()");
            shown(1);
        }
        without_webgl_slices_are_shown_and_all_else_works();
    }

    private static void without_webgl_slices_are_shown_and_all_else_works() {
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

    @Test
    void a_narrow_window_shows_the_same_without_scrolling_sideways() {
        browser.size(390, 844);
        assertFits();
        browser.keep("empty-narrow");
        a_server_that_is_away_for_a_moment_is_asked_again();
        assertFits();
        browser.keep("picture-narrow");
        assertThat(green(browser.pixels("canvas"))).isGreaterThan(0.02);
        browser.click("details:has(#card) summary");
        assertThat(browser.text("#card")).contains("CC0-1.0", "Dice", "0.920", "no medical device");
        assertFits();
        heat_of_a_job_that_has_gone_is_reported();
    }

    private static void a_server_that_is_away_for_a_moment_is_asked_again() {
        browser.script("""
            const real = window.fetch;
            window.away = 0;
            window.fetch = (url, options) =>
              /jobs\\/[^/]+$/.test(url) && away++ < 2 ? Promise.reject(new TypeError('away')) : real(url, options);\
            """);
        sample("nuclei", 1);
        assertThat(browser.is("away > 2")).isTrue();
    }

    private static void heat_of_a_job_that_has_gone_is_reported() {
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
        another_image_ends_the_job_of_the_one_before();
    }

    private static void another_image_ends_the_job_of_the_one_before() {
        long before = jobs("");
        beginLong();
        browser.click("#mirror");
        drop("hippocampus", "#empty .target");
        shown(1);
        assertThat(browser.text("#facts")).contains("40 × 56 × 40");
        browser.await("the server has thrown the other one away", () -> jobs("") == before + 1);
    }

    @Test
    void a_job_under_way_ends_with_the_page() {
        long before = jobs("cancelled");
        beginLong();
        browser.open(server.address() + "/docs", 1280, 800);
        browser.await("the server knows", () -> jobs("cancelled") == before + 1);
        the_page_of_the_api_shows_the_description();
    }

    private static void the_page_of_the_api_shows_the_description() {
        browser.await("document.querySelector('#swagger-ui .info .title')");
        browser.keep("docs");
        assertThat(browser.text("#swagger-ui .info")).contains("attunet");
        var ground = new Color(browser.screen().getRGB(4, 80));
        assertThat(ground.getRed() + ground.getGreen() + ground.getBlue()).isLessThan(120); // dark, as the viewer is
    }

    @Test
    void what_is_no_image_is_refused_with_the_servers_sentence() throws IOException {
        Path file = Files.writeString(folder.resolve("letter.png"), "Dear reader");
        browser.find("#file").sendKeys(file.toAbsolutePath().toString());
        browser.await("document.body.dataset.state === 'failed'");
        browser.keep("refused");
        assertThat(browser.text("#error")).contains("letter", "its first bytes are those of no image");
        assertThat(browser.errors()).hasSize(1); // the console notes the server's 415
        a_job_goes_where_the_other_model_refuses_the_image();
    }

    private static void a_job_goes_where_the_other_model_refuses_the_image() {
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

    /** Starts a job that takes far longer than a test. */
    private static void beginLong() {
        if (browser.is("!document.getElementById('mirror').checked")) {
            browser.click("#mirror"); // eight times the work
        }
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
}
