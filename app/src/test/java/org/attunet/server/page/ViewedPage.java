package org.attunet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The viewer in a browser, and what its tests do with it. */
abstract class ViewedPage {
    @TempDir
    static Path folder;

    static Browser browser;
    static LiveServer server;

    /** Starts server and browser, before the tests of a class. */
    static void start(String... flags) {
        browser = Browser.start(folder.resolve("profile"), flags);
        server = new TestConfig(folder.resolve("work")).serve(PageModels.open(folder));
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

    /** Drops a sample on an element as a file of its own. */
    static void drop(String sample, String target) {
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

    static void sample(String name, int run) {
        browser.await("document.querySelector('[data-sample=" + name + "]')");
        browser.click("[data-sample=" + name + "]");
        shown(run);
    }

    /** Waits until a run, counted from 1, is on the screen. */
    static void shown(int run) {
        browser.await("document.body.dataset.runs === '" + run + "' || document.body.dataset.state === 'failed'");
        assertThat(browser.text("#error")).isEmpty();
    }

    static void assertFits() {
        assertThat(browser.is("document.documentElement.scrollWidth <= innerWidth"))
                .isTrue();
    }

    /** Returns the share of the pixels in the colour of the first label, over any grey. */
    static double green(BufferedImage picture) {
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
