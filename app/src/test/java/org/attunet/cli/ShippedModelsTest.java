package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelCard;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.Segmenter;
import org.attunet.train.Evaluation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bundles under models/: what is in them, and whether they do what their cards say. */
class ShippedModelsTest {
    private static final Path MODELS = Path.of("..", "models");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"hippocampus.zip, CC-BY-SA-4.0, 3, 9", "nuclei.zip, CC0-1.0, 2, 9", "nuclei-objects.zip, CC0-1.0, 2, 34"
    })
    void a_bundle_is_whole_and_small_and_shows_nobodys_image(String name, String licence, int dimension, int megabytes)
            throws IOException {
        Path file = MODELS.resolve(name);
        assertThat(Files.size(file)).isLessThan(megabytes * 1_000_000L);
        Bundle bundle = Bundle.open(file);
        assertThat(bundle.licence()).isEqualTo(licence);
        assertThat(bundle.model().network().dimension()).isEqualTo(dimension);
        assertThat(bundle.files().keySet())
                .containsExactlyInAnyOrder(
                        "rdf.yaml", "README.md", "model.onnx", "weights.pt", "test_input.npy", "test_output.npy");
        assertThat(bundle.card().scores()).isNotEmpty();
        Program info = Program.run("info", file, "--verify");
        assertThat(info.code()).as(info.err()).isZero();
    }

    @Test
    void bench_times_the_whole_way_of_a_bundle() {
        Program timed = Program.run(
                "bench", MODELS.resolve("nuclei.zip"), "--what", "segment", "--size", "48x32", "--runs", "1", "--json");
        assertThat(timed.code()).as(timed.err()).isZero();
        assertThat(timed.json().path("what").asText()).isEqualTo("segment");
        assertThat(timed.json().path("per_second").asDouble()).isPositive();
    }

    @Test
    void drawn_nuclei_are_found() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        Path masks = Files.createDirectories(folder.resolve("masks"));
        var random = new Random(3);
        for (int k = 0; k < 3; k++) {
            var image = new BufferedImage(200, 160, BufferedImage.TYPE_INT_RGB);
            var mask = new BufferedImage(200, 160, BufferedImage.TYPE_BYTE_GRAY);
            fill(image, new Color(12, 12, 12));
            for (int n = 0; n < 15; n++) {
                double size = 14 + 10 * random.nextDouble();
                var nucleus = new Ellipse2D.Double(200 * random.nextDouble(), 160 * random.nextDouble(), size, size);
                int grey = 80 + random.nextInt(80);
                draw(image, nucleus, new Color(grey, grey, grey), true);
                draw(mask, nucleus, Color.WHITE, false);
            }
            ImageIO.write(image, "png", images.resolve(k + ".png").toFile());
            ImageIO.write(mask, "png", masks.resolve(k + ".png").toFile());
        }
        Program program = Program.run("evaluate", MODELS.resolve("nuclei.zip"), folder, "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("summary").path("mean_dice").asDouble()).isGreaterThan(0.9);
    }

    @ParameterizedTest
    @CsvSource({"nuclei.zip, dsb2018, 48, 0.91", "hippocampus.zip, Task04_Hippocampus, 16, 0.87"})
    void on_the_cases_of_its_card_the_bundle_reaches_what_the_card_says(
            String name, String folder, int cases, double least) {
        String data = System.getenv("ATTUNET_DATA");
        assumeTrue(data != null, "skipped: ATTUNET_DATA does not name a folder with the real data sets");
        DataSet set = DataSets.open(Path.of(data, folder));
        Split usual = Split.of(set, 1);
        List<String> measured = cases == usual.test().size()
                ? usual.test()
                : Split.holdingOut(usual.hashes(), List.of(), 1).validation(); // as train --all-cases has them
        Path file = MODELS.resolve(name);
        double told = Bundle.open(file).card().scores().stream()
                .filter(score -> score.metric().equals("Dice"))
                .mapToDouble(ModelCard.Score::mean)
                .average()
                .orElseThrow();
        try (Segmenter segmenter = Segmenter.open(file)) {
            Evaluation found = Evaluation.of(segmenter, set.cases(measured), Tolerance.DEFAULT, ProgressListener.NONE);
            assertThat(found.results()).hasSize(cases);
            assertThat(found.summary().meanDice()).isCloseTo(told, within(5e-4)).isGreaterThan(least);
        }
    }

    @Test
    void the_model_of_objects_counts_drawn_nuclei() throws IOException {
        var image = new BufferedImage(200, 160, BufferedImage.TYPE_INT_RGB);
        fill(image, new Color(12, 12, 12));
        for (int n = 0; n < 12; n++) { // pairs that touch
            var nucleus = new Ellipse2D.Double(12 + 30 * (n % 6) + 4 * (n / 6), 30 + 23 * (n / 6), 22, 24);
            draw(image, nucleus, new Color(140, 140, 140), true);
        }
        Path file = folder.resolve("drawn.png");
        ImageIO.write(image, "png", file.toFile());
        Program program = Program.run(
                "predict", MODELS.resolve("nuclei-objects.zip"), file, "-o", folder.resolve("out"), "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().findValue("count").asInt()).isBetween(11, 13);
    }

    private static void fill(BufferedImage image, Color colour) {
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.dispose();
    }

    private static void draw(BufferedImage image, Ellipse2D shape, Color colour, boolean smooth) {
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING,
                smooth ? RenderingHints.VALUE_ANTIALIAS_ON : RenderingHints.VALUE_ANTIALIAS_OFF);
        graphics.setColor(colour);
        graphics.fill(shape);
        graphics.dispose();
    }
}
