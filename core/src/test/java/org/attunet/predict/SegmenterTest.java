package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Probabilities;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private static final LabelSet NUCLEI = LabelSet.of(Map.of(255, "nucleus"));
    private static final SegmenterOptions WHOLE =
            SegmenterOptions.defaults().withProbabilities(true).withAttention(true);
    private static final SegmenterOptions TILES = WHOLE.withTiles(TileMode.BLENDED);

    @Test
    void labels_carry_the_values_of_the_mask_files() {
        Segmenter segmenter = segmenter(2, 1, 0, 8, 8);
        Image image = Image.of(Grid.of(3, 2), new float[] {0, 0.4f, 0.6f, 1, 0.5f, 0.51f});
        Segmentation result = segmenter.segment(image);
        assertThat(values(result)).containsExactly(0, 0, 255, 255, 0, 255);
        assertThat(result.probabilities()).isNull();
        assertThat(result.attention()).isEmpty();
    }

    @Test
    void classes_of_a_softmax_become_their_labels_and_probabilities_sum_to_1() {
        LabelSet labels = LabelSet.of(Map.of(3, "kidney", 7, "liver"));
        ModelDescription model = model(2, 1, 3, labels, 8, 8);
        Segmenter segmenter = Segmenter.of(new FunctionEngine(model.network(), 0), model, WHOLE);
        Image image = Image.of(Grid.of(5, 1), new float[] {0, 1, 2, 0.4f, 1.6f});
        Segmentation result = segmenter.segment(image);
        assertThat(values(result)).containsExactly(0, 3, 7, 0, 7);
        float[][] p = result.probabilities().channels();
        assertThat(p).hasDimensions(3, 5);
        // softmax of the logits 0, -4, -8
        assertThat(p[0][0]).isCloseTo(0.981_690_7f, Offset.offset(1e-6f));
        assertThat(p[1][0]).isCloseTo(0.017_980_29f, Offset.offset(1e-6f));
        for (int i = 0; i < 5; i++) {
            assertThat(p[0][i] + p[1][i] + p[2][i]).isCloseTo(1, Offset.offset(1e-6f));
        }
    }

    @Test
    void any_size_is_padded_to_the_multiple_and_the_patch_and_cropped_back() {
        for (int[] size : new int[][] {{1, 1}, {1, 7}, {2, 2}, {5, 3}, {17, 16}, {1, 1, 1}, {9, 1, 4}, {5, 6, 7}}) {
            FunctionEngine engine = new FunctionEngine(FunctionEngine.network(size.length, 1, 1), 0);
            int[] patch = Arrays.copyOf(new int[] {4, 4, 4}, size.length);
            Segmenter segmenter = Segmenter.of(engine, model(size.length, 1, 1, NUCLEI, patch), WHOLE);
            Image image = noise(1, size);
            Segmentation result = segmenter.segment(image);
            assertThat(result.labels().grid()).isEqualTo(image.grid());
            for (int i = 0; i < image.grid().voxels(); i++) {
                float value = image.channel(0)[i];
                assertThat(result.labels().label(i)).isEqualTo(value > 0.5f ? 255 : 0);
                assertThat(result.probabilities().channel(0)[i])
                        .isEqualTo((float) (1 / (1 + Math.exp(-FunctionEngine.logit(value, 0, 1)))));
            }
            assertThat(engine.sizes).hasSize(1);
            for (int axis = 0; axis < size.length; axis++) {
                assertThat(engine.sizes.get(0)[axis]).isEqualTo(Math.max(4, (size[axis] + 1) / 2 * 2));
            }
        }
    }

    @Test
    void progress_rises_to_1_and_what_it_throws_ends_the_work() {
        Segmenter segmenter = segmenter(2, 1, 0, 8, 8);
        Image image = noise(3, 40, 40);
        List<Double> shares = new ArrayList<>();
        Segmentation told = segmenter.segment(image, TILES, shares::add);
        assertThat(shares).hasSizeGreaterThan(2).isSorted().doesNotHaveDuplicates();
        assertThat(shares.get(shares.size() - 1)).isEqualTo(1);
        assertThat(told.labels().voxels())
                .isEqualTo(segmenter.segment(image, TILES).labels().voxels());
        var stop = new IllegalStateException("enough");
        assertThatThrownBy(() -> segmenter.segment(image, TILES, share -> {
                    throw stop;
                }))
                .isSameAs(stop);
    }

    @Test
    void what_is_null_is_named() {
        Segmenter segmenter = segmenter(2, 1, 0, 8, 8);
        Image image = noise(3, 8, 8);
        assertThatThrownBy(() -> segmenter.segment(image, WHOLE, null)).hasMessage("the progress must not be null");
        assertThatThrownBy(() -> segmenter.segment(image, null)).hasMessage("the options must not be null");
    }

    @Test
    void beyond_the_image_a_block_holds_zeros() {
        Image image = Image.of(Grid.of(3, 1, 2), new float[] {1, 2, 3, 4, 5, 6});
        assertThat(SlidingWindow.block(image, new int[] {0, 0, 0}, new int[] {4, 2, 3}))
                .containsExactly(1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(SlidingWindow.block(image, new int[] {2, 0, 1}, new int[] {2, 1, 1}))
                .containsExactly(6, 0);
    }

    @Test
    void tiles_equal_the_whole_exactly_for_a_pointwise_network() {
        for (int[] size : new int[][] {{37, 29}, {8, 41}, {13, 17, 11}, {3, 20, 9}}) {
            for (boolean mirror : new boolean[] {false, true}) {
                for (double overlap : new double[] {0, 0.5, 0.75}) {
                    Segmenter segmenter = segmenter(size.length, 1, 0, Arrays.copyOf(new int[] {7, 8, 6}, size.length));
                    Image image = noise(2, size);
                    Segmentation whole = segmenter.segment(image, WHOLE);
                    Segmentation tiled =
                            segmenter.segment(image, TILES.withMirror(mirror).withOverlap(overlap));
                    assertThat(tiled.labels().voxels())
                            .containsExactly(whole.labels().voxels());
                    assertThat(tiled.probabilities().channel(0))
                            .containsExactly(whole.probabilities().channel(0));
                }
            }
        }
    }

    @Test
    void tiles_come_near_the_whole_for_a_network_that_looks_at_neighbours() {
        Segmenter segmenter = segmenter(3, 1, 1, 16, 16, 16);
        Image image = noise(3, 48, 32, 32); // so that tiles without overlap just touch
        float[] whole = segmenter.segment(image, WHOLE).probabilities().channel(0);
        float[] tiled = segmenter.segment(image, TILES).probabilities().channel(0);
        float[] abrupt =
                segmenter.segment(image, TILES.withOverlap(0)).probabilities().channel(0);
        double blended = meanDifference(whole, tiled);
        assertThat(blended).isLessThan(2e-4);
        assertThat(blended).isLessThan(meanDifference(whole, abrupt) / 20);
    }

    @Test
    void tiles_have_the_patch_size_rounded_up_to_the_multiple() {
        FunctionEngine engine = new FunctionEngine(FunctionEngine.network(2, 1, 1), 0);
        Segmenter segmenter = Segmenter.of(engine, model(2, 1, 1, NUCLEI, 7, 5), TILES);
        segmenter.segment(noise(4, 16, 3));
        // along x three tiles of 8 at 0, 4 and 8; along y one is enough
        assertThat(engine.sizes).containsExactly(new int[] {8, 6}, new int[] {8, 6}, new int[] {8, 6});
    }

    @Test
    void instance_normalisation_gets_blocks_of_the_patch_size_however_small_the_image() {
        NetworkConfig network = FunctionEngine.network(2, 1, 1).withNormalisation(NetworkConfig.NormLayer.INSTANCE);
        FunctionEngine engine = new FunctionEngine(network, 0);
        ModelDescription model = ModelDescription.of(
                "cells", network, Preprocessing.of(1, new Normalisation.Identity()), NUCLEI, 16, 12);
        Segmenter.of(engine, model, WHOLE).segment(noise(5, 3, 5));
        assertThat(engine.sizes).containsExactly(new int[] {16, 12});
    }

    @Test
    void mirroring_changes_nothing_for_a_network_that_knows_no_direction() {
        Segmenter segmenter = segmenter(3, 1, 1, 8, 8, 8);
        Image image = noise(6, 9, 12, 7);
        Segmentation plain = segmenter.segment(image, WHOLE);
        Segmentation mirrored = segmenter.segment(image, WHOLE.withMirror(true));
        // 9 and 7 are odd, so that padding is mirrored too
        assertClose(plain.probabilities().channel(0), mirrored.probabilities().channel(0), 1e-6f);
        assertClose(
                plain.attention().get("Att2").channel(1),
                mirrored.attention().get("Att2").channel(1),
                1e-6f);
    }

    @Test
    void mirroring_averages_the_probabilities_of_4_images_in_2d_and_8_in_3d() {
        for (int dimension = 2; dimension <= 3; dimension++) {
            NetworkConfig network = FunctionEngine.network(dimension, 1, 1);
            Engine corner = new CornerEngine(network);
            int[] size = Arrays.copyOf(new int[] {2, 4, 2}, dimension);
            Segmenter segmenter = Segmenter.of(corner, model(dimension, 1, 1, NUCLEI, size), WHOLE.withMirror(true));
            float[] p = segmenter.segment(noise(7, size)).probabilities().channel(0);
            for (int i = 0; i < p.length; i++) {
                boolean isCorner = i / 2 % 4 == 0 || i / 2 % 4 == 3;
                assertThat(p[i]).isCloseTo(isCorner ? 1f / (1 << dimension) : 0, Offset.offset(1e-6f));
            }
        }
    }

    @Test
    void images_are_mirrored_along_those_axes_alone_that_training_mirrored() {
        NetworkConfig network = FunctionEngine.network(3, 1, 1);
        ModelDescription model = model(3, 1, 1, NUCLEI, 2, 4, 2);
        Segmenter segmenter =
                Segmenter.of(new CornerEngine(network), model.withMirroredAxes(1), WHOLE.withMirror(true));
        Image image = noise(7, 2, 4, 2);
        float[] p = segmenter.segment(image).probabilities().channel(0);
        float[] expected = new float[p.length];
        expected[0] = 0.5f; // the image's own corner, and its mirror image's
        expected[1] = 0.5f;
        assertThat(p).containsExactly(expected, Offset.offset(1e-6f));

        Segmenter none = Segmenter.of(new CornerEngine(network), model.withMirroredAxes(0), WHOLE.withMirror(true));
        expected[0] = 1;
        expected[1] = 0;
        assertThat(none.segment(image).probabilities().channel(0)).containsExactly(expected, Offset.offset(1e-6f));
    }

    @Test
    void attention_lies_on_the_input_grid_interpolated_between_the_gates_cells() {
        Segmenter segmenter = segmenter(2, 1, 0, 4, 4);
        // cells of 2 x 2 have the means 1, 2, 3, 4: the example of PyTorch's nn.Upsample
        float[] values = {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4};
        Segmentation result = segmenter.segment(Image.of(Grid.of(4, 4), values), WHOLE);
        Image map = result.attention().get("Att2");
        assertThat(map.channels()).hasDimensions(2, 16);
        assertThat(map.channel(0))
                .containsExactly(
                        1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4);
        assertThat(map.channel(1)[1]).isEqualTo(-1.25f);
        assertThat(segmenter
                        .segment(Image.of(Grid.of(4, 4), values), WHOLE.withAttention(false))
                        .attention())
                .isEmpty();
    }

    @Test
    void results_lie_on_the_image_grid_after_resampling_and_reordering() {
        double[][] affine = {{0, 0, 3, 10}, {-1.5, 0, 0, 20}, {0, 2, 0, -30}};
        Grid grid = Grid.ofAffine(new int[] {11, 9, 6}, affine);
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 11 / 10f;
        }
        Preprocessing preprocessing = Preprocessing.of(1, new Normalisation.Identity())
                .withCanonicalOrientation(true)
                .withTargetSpacing(new double[] {1.5, 1.5, 1.5});
        ModelDescription model = ModelDescription.of(
                "ramp", FunctionEngine.network(3, 1, 1), preprocessing, NUCLEI, new int[] {8, 8, 8});
        Segmenter segmenter = Segmenter.of(new FunctionEngine(model.network(), 0), model, TILES);
        Segmentation result = segmenter.segment(Image.of(grid, values));
        assertThat(result.labels().grid()).isEqualTo(grid);
        assertThat(result.probabilities().grid()).isEqualTo(grid);
        assertThat(result.attention().get("Att2").grid()).isEqualTo(grid);
        for (int i = 0; i < values.length; i++) {
            if (i % 11 != 5) { // a value of 0.5 lies on the threshold
                assertThat(result.labels().label(i)).isEqualTo(i % 11 > 5 ? 255 : 0);
            }
        }
    }

    @Test
    void a_2d_network_takes_a_volume_slice_by_slice() {
        FunctionEngine engine = new FunctionEngine(FunctionEngine.network(2, 1, 1), 1);
        Segmenter segmenter = Segmenter.of(engine, model(2, 1, 1, NUCLEI, 8, 8), WHOLE);
        Image volume = noise(8, 6, 5, 3);
        Segmentation result = segmenter.segment(volume);
        assertThat(engine.sizes).containsExactly(new int[] {8, 8}, new int[] {8, 8}, new int[] {8, 8});
        for (int z = 0; z < 3; z++) {
            Image slice = Image.of(Grid.of(6, 5), Arrays.copyOfRange(volume.channel(0), 30 * z, 30 * z + 30));
            Segmentation alone = segmenter.segment(slice);
            assertThat(Arrays.copyOfRange(result.probabilities().channel(0), 30 * z, 30 * z + 30))
                    .containsExactly(alone.probabilities().channel(0));
            assertThat(Arrays.copyOfRange(result.attention().get("Att2").channel(0), 30 * z, 30 * z + 30))
                    .containsExactly(alone.attention().get("Att2").channel(0));
        }
    }

    @Test
    void eight_threads_get_the_result_of_one() throws Exception {
        Segmenter segmenter = segmenter(3, 1, 1, 8, 8, 8);
        Image image = noise(9, 17, 12, 10);
        float[] alone = segmenter.segment(image, TILES).probabilities().channel(0);
        var threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Segmentation> task = () -> segmenter.segment(image, TILES);
            List<Future<Segmentation>> futures = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                futures.add(threads.submit(task));
            }
            for (Future<Segmentation> future : futures) {
                assertThat(future.get().probabilities().channel(0)).containsExactly(alone);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_wrong_number_of_channels_or_axes_is_refused() {
        Segmenter colour = segmenter(2, 3, 0, 8, 8);
        assertThatThrownBy(() -> colour.segment(new Image(Grid.of(2, 2), new float[2][4])))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("2 channels");
        assertThat(values(colour.segment(Image.of(Grid.of(2, 1), new float[] {0, 1}))))
                .containsExactly(0, 255);
        Segmenter volumes = segmenter(3, 1, 0, 8, 8, 8);
        assertThatThrownBy(() -> volumes.segment(noise(1, 4, 4)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("3D volume");
    }

    @Test
    void logits_that_are_not_finite_are_an_error_and_not_a_mask() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> probabilities(2, 0, bad, 1, bad))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("not a finite number");
        }
        assertThatThrownBy(() -> probabilities(1, 0, Float.NaN)).isInstanceOf(AttunetException.class);
    }

    @Test
    void an_engine_of_another_network_is_refused_and_closing_closes_the_engine() {
        FunctionEngine other = new FunctionEngine(FunctionEngine.network(2, 3, 1), 0);
        assertThatThrownBy(() -> Segmenter.of(other, model(2, 1, 1, NUCLEI, 8, 8), WHOLE))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model.json");
        assertThat(other.closed).hasValue(1);
        FunctionEngine engine = new FunctionEngine(FunctionEngine.network(2, 3, 1), 0);
        Segmenter.of(engine, model(2, 3, 1, NUCLEI, 8, 8), WHOLE).close();
        assertThat(engine.closed).hasValue(1);
    }

    static Segmenter segmenter(int dimension, int channels, int radius, int... patch) {
        ModelDescription model = model(dimension, channels, 1, NUCLEI, patch);
        return Segmenter.of(new FunctionEngine(model.network(), radius), model, SegmenterOptions.defaults());
    }

    private static ModelDescription model(int dimension, int channels, int outputs, LabelSet labels, int... patch) {
        Preprocessing preprocessing = Preprocessing.of(channels, new Normalisation.Identity());
        return ModelDescription.of(
                "test", FunctionEngine.network(dimension, channels, outputs), preprocessing, labels, patch);
    }

    private static Image noise(long seed, int... size) {
        Random random = new Random(seed);
        float[] values = new float[Grid.of(size).voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Image.of(Grid.of(size), values);
    }

    private static int[] values(Segmentation result) {
        int[] values = new int[result.labels().voxels().length];
        Arrays.setAll(values, result.labels()::label);
        return values;
    }

    private static void assertClose(float[] expected, float[] actual, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(tolerance));
        }
    }

    private static double meanDifference(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }

    private static float[] probabilities(int outputs, float... logits) {
        return BlockPrediction.checked(Probabilities.of(logits, NetworkConfig.attUNet(2, 1, outputs), outputs == 1, 1));
    }
}
