package org.attunet.server.page;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Debian's Chromium with WebGL rendered by the processor. */
record Browser(ChromeDriver driver) implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** Screenshots are written for people who set this property; they need all pixels. */
    private static final boolean LOOKED_AT = Boolean.getBoolean("attunet.screenshots");

    /** Pixels of the screen for one of the page: a processor draws a quarter of the pixels in a quarter of the time. */
    private static final double SCALE = LOOKED_AT ? 1 : 0.5;

    /** Far longer than any step takes, even if several builds share a machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final Duration POLL = Duration.ofMillis(50);

    /** Returns whether a condition comes true within a second. */
    private static final String WITHIN_A_SECOND = """
        const end = performance.now() + 1000;
        return new Promise((done) => {
          const look = () => {
            const holds = Boolean(%s);
            if (holds || performance.now() > end) done(holds);
            else setTimeout(look, 30);
          };
          look();
        });\
        """;

    /** Waits until what the page draws with the next frames is on the screen. */
    private static final String TWO_FRAMES =
            "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

    private static final Pattern REQUESTED = Pattern.compile(
            "\"method\":\"Network.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]*)\"", Pattern.DOTALL);

    /** Starts a browser with an empty profile and further flags; skips the test if there is none. */
    static Browser start(Path profile, String... flags) {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "skipped: " + CHROMIUM + " or " + DRIVER + " is missing (apt-get install chromium chromium-driver)");
        var options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--use-gl=angle",
                "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-extensions",
                "--disable-features=PreloadTopChromeWebUI",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + profile.toAbsolutePath());
        options.addArguments(flags);
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        // The driver's path is given, so that Selenium doesn't download one.
        var service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(DRIVER.toString()))
                .usingAnyFreePort()
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    /** Opens an address in a window of a size. */
    void open(String address, int width, int height) {
        size(width, height);
        driver.get(address);
    }

    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", SCALE, "mobile", width < 600));
    }

    /** Runs a script in every page before the page's own, until the returned object is closed. */
    Script before(String script) {
        Object id = driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script))
                .get("identifier");
        return () -> driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", id));
    }

    /** A script that runs in every page. */
    interface Script extends AutoCloseable {
        @Override
        void close();
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    void click(String selector) {
        find(selector).click();
    }

    /** Clicks beside the middle of an element. */
    void click(String selector, int right, int down) {
        new Actions(driver).moveToElement(find(selector), right, down).click().perform();
    }

    /** Presses a key on the page. */
    void press(CharSequence key) {
        find("body").sendKeys(key);
    }

    String text(String selector) {
        return find(selector).getText();
    }

    /** What a script returns. */
    @Nullable
    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    boolean is(String condition) {
        return Boolean.TRUE.equals(script("return Boolean(" + condition + ")"));
    }

    /** Waits for a condition in JavaScript. The page itself looks, which costs less than asking it each time. */
    void await(String condition) {
        await(condition, () -> Boolean.TRUE.equals(script(WITHIN_A_SECOND.formatted(condition))));
    }

    void await(String words, BooleanSupplier condition) {
        new WebDriverWait(driver, PATIENCE, POLL)
                .withMessage(() -> words + "; the page says: " + text("#setup"))
                .until(any -> condition.getAsBoolean());
    }

    /** The pixels of the window. */
    BufferedImage screen() {
        return decode(driver.getScreenshotAs(OutputType.BYTES));
    }

    /** The pixels of an element, as they are on the screen. */
    BufferedImage pixels(String selector) {
        script(TWO_FRAMES);
        return decode(find(selector).getScreenshotAs(OutputType.BYTES));
    }

    /** Saves a screenshot under target/screenshots if somebody wants to look at them. */
    void keep(String name) {
        if (!LOOKED_AT) {
            return;
        }
        script(TWO_FRAMES);
        try {
            Files.createDirectories(SCREENSHOTS);
            Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BufferedImage decode(byte[] png) {
        try {
            return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the share of the pixels that differ visibly between two pictures of one size. */
    static double difference(BufferedImage a, BufferedImage b) {
        int different = 0;
        for (int y = 0; y < Math.min(a.getHeight(), b.getHeight()); y++) {
            for (int x = 0; x < Math.min(a.getWidth(), b.getWidth()); x++) {
                int p = a.getRGB(x, y);
                int q = b.getRGB(x, y);
                int distance = 0;
                for (int shift = 0; shift < 24; shift += 8) {
                    distance += Math.abs((p >> shift & 255) - (q >> shift & 255));
                }
                different += distance > 24 ? 1 : 0;
            }
        }
        return (double) different / (a.getWidth() * a.getHeight());
    }

    /** Returns the errors in the console since the last call. */
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** Returns the addresses that were requested since the last call, without data and blob URLs. */
    List<String> requests() {
        return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .flatMap(entry -> REQUESTED.matcher(entry.getMessage()).results())
                .map(found -> found.group(1))
                .filter(url -> !url.startsWith("data:") && !url.startsWith("blob:"))
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
