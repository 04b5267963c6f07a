package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;

/** An interrupted segmentation ends with one exception, leaves its thread interrupted, and does the next one no harm. */
class CancellationTest {
    private static final SegmenterOptions ALL =
            SegmenterOptions.defaults().withProbabilities(true).withUncertainty(true);

    @Test
    void a_real_model_is_interrupted_at_random_moments() throws Exception {
        Image image = noise(24, 28, 20);
        Path model = Path.of("../models/hippocampus.zip");
        try (Segmenter segmenter = Segmenter.open(model, ALL, OnnxOptions.defaults(), Precision.FP32)) {
            short[] expected = segmenter.segment(image).labels().voxels(); // and everything is loaded
            long start = System.nanoTime();
            segmenter.segment(image);
            long whole = System.nanoTime() - start;
            Random random = new Random(4);
            int ended = 0;
            double longest = 0;
            for (int k = 0; k < 8; k++) {
                var outcome = new CompletableFuture<Segmentation>();
                Thread thread = new Thread(() -> {
                    try {
                        outcome.complete(segmenter.segment(image));
                    } catch (CancellationException e) {
                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        outcome.complete(null);
                    } catch (Throwable e) {
                        outcome.completeExceptionally(e);
                    }
                });
                thread.start();
                Thread.sleep((long) (random.nextDouble() * whole / 1e6));
                long interrupted = System.nanoTime();
                thread.interrupt();
                Segmentation result = outcome.get();
                if (result == null) {
                    ended++;
                    longest = Math.max(longest, (System.nanoTime() - interrupted) / 1e6);
                } else {
                    assertThat(result.labels().voxels()).isEqualTo(expected);
                }
            }
            System.out.printf(Locale.ROOT, "%d of 8 segmentations ended early, within %.1f ms%n", ended, longest);
            assertThat(longest).isLessThan(10_000);
            assertThat(segmenter.segment(image).labels().voxels()).isEqualTo(expected);
        }
    }

    @Test
    void an_interrupted_thread_does_not_begin() {
        Segmenter segmenter = PointEngine.segmenter(PointEngine.model(6, 6, 4), 3, -1);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> segmenter.segment(noise(9, 8, 7))).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void an_ensemble_with_mirror_images_ends_at_every_block() {
        ModelDescription model = PointEngine.model(6, 6, 4).withMirroredAxes(3);
        Segmenter segmenter = Segmenter.ensemble(
                List.of(PointEngine.segmenter(model, 3, -1), PointEngine.segmenter(model, 2, 0)),
                ALL.withMirror(true).withTiles(TileMode.BLENDED));
        Image image = noise(9, 13, 7);
        short[] expected = segmenter.segment(image).labels().voxels();
        for (double at : new double[] {0, 0.2, 0.5, 0.9}) {
            try {
                assertThatThrownBy(() -> segmenter.segment(image, segmenter.options(), share -> {
                            if (share >= at) {
                                Thread.currentThread().interrupt();
                            }
                        }))
                        .isInstanceOf(CancellationException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(segmenter.segment(image).labels().voxels()).isEqualTo(expected);
        }
    }

    private static Image noise(int... size) {
        Random random = new Random(1);
        float[] values = new float[Grid.of(size).voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Image.of(Grid.of(size), values);
    }
}
