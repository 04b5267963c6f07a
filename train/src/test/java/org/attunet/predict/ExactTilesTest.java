package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.network.ReceptiveField;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.TorchEngine;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real networks of both families: their reach is the one worked out, and tiles that carry it give the whole's logits. */
class ExactTilesTest {
    private static final NetworkConfig FLAT = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(4, 6, 8));
    private static final NetworkConfig DEEP =
            NetworkConfig.attUNet(3, 1, 2).withWidths(List.of(2, 3, 4)).withDeepSupervision(true);

    @BeforeAll
    static void computeOnOneThread() {
        Natives.threads(1); // small maps
    }

    static Stream<NetworkConfig> networks() {
        List<Integer> five = List.of(2, 2, 3, 3, 4);
        return Stream.of(
                FLAT,
                FLAT.withUpsampling(Upsampling.NEAREST),
                FLAT.withGates(Gates.NONE).withNormalisation(NormLayer.NONE),
                FLAT.withWidths(five).withUpsampling(Upsampling.NEAREST),
                FLAT.withWidths(five).withGates(Gates.NONE),
                DEEP,
                DEEP.withWidths(List.of(3, 5)),
                DEEP.withUpsampling(Upsampling.NEAREST).withGates(Gates.NONE).withWidths(List.of(3, 5)),
                DEEP.withUpsampling(Upsampling.NEAREST),
                NetworkConfig.paper(1, 2, Gates.GRID_SINGLE).withWidths(five),
                NetworkConfig.paper(1, 2, Gates.GRID_MULTI).withWidths(five),
                NetworkConfig.paper(1, 2, Gates.NONE).withWidths(five),
                NetworkConfig.paper(2, 1, 2, Gates.GRID_SINGLE).withWidths(five));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void logits_of_the_cores_equal_the_whole_images(NetworkConfig network) {
        ReceptiveField field = ReceptiveField.of(network);
        int cell = field.multiple();
        boolean all = network.levels() + network.dimension() <= 5; // larger ones are tiled along one axis at a time
        for (int tiled = 0; tiled < (all ? 1 : network.dimension()); tiled++) {
            int[] size = {cell, cell, network.dimension() == 3 ? cell : 1};
            for (int axis = 0; axis < network.dimension(); axis++) {
                size[axis] = all || axis == tiled ? 2 * field.halo() + (axis == 0 ? 3 : 2) * cell - 1 : cell;
            }
            assertTilesEqualWhole(network, field.halo(), Arrays.copyOf(size, network.dimension()));
        }
    }

    private static void assertTilesEqualWhole(NetworkConfig network, int halo, int... size) {
        Image image = noise(size);
        AxisTiles[] axes = new AxisTiles[3];
        int[] padded = {1, 1, 1};
        int tiles = 1;
        for (int axis = 0; axis < 3; axis++) {
            int n = image.grid().size(axis);
            padded[axis] = axis < size.length ? Sizes.roundUp(n, network.multiple()) : 1;
            int tile = Math.min(padded[axis], 2 * halo + network.multiple());
            axes[axis] = AxisTiles.exact(n, padded[axis], tile, axis < size.length ? halo : 0);
            tiles *= axes[axis].count();
        }
        assertThat(tiles).isGreaterThanOrEqualTo(2);
        try (var engine = TorchEngine.owning(TorchNetwork.create(network, 5), "cpu")) {
            float[] whole = logits(engine, image, new int[3], padded);
            double worst = 0;
            int[] covered = new int[image.grid().voxels()];
            for (int z = 0; z < axes[2].count(); z++) {
                for (int y = 0; y < axes[1].count(); y++) {
                    for (int x = 0; x < axes[0].count(); x++) {
                        int[] number = {x, y, z};
                        worst = Math.max(worst, worst(engine, image, axes, number, padded, whole, covered));
                    }
                }
            }
            assertThat(Arrays.stream(covered).allMatch(times -> times == 1)).isTrue();
            assertThat(worst).isLessThan(1e-5);
        }
    }

    /** The greatest difference within one tile's core. */
    private static double worst(
            Engine engine, Image image, AxisTiles[] axes, int[] number, int[] padded, float[] whole, int[] covered) {
        int[] start = new int[3];
        int[] tile = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            start[axis] = axes[axis].starts()[number[axis]];
            tile[axis] = axes[axis].tile();
        }
        float[] logits = logits(engine, image, start, tile);
        double worst = 0;
        for (int channel = 0; channel < engine.network().outputs(); channel++) {
            for (int z = axes[2].from()[number[2]]; z < axes[2].to()[number[2]]; z++) {
                for (int y = axes[1].from()[number[1]]; y < axes[1].to()[number[1]]; y++) {
                    for (int x = axes[0].from()[number[0]]; x < axes[0].to()[number[0]]; x++) {
                        float expected = whole[x + padded[0] * (y + padded[1] * (z + padded[2] * channel))];
                        float actual = logits[
                                x - start[0] + tile[0] * (y - start[1] + tile[1] * (z - start[2] + tile[2] * channel))];
                        worst = Math.max(worst, Math.abs(expected - actual));
                        covered[x + image.grid().size(0) * (y + image.grid().size(1) * z)] += channel == 0 ? 1 : 0;
                    }
                }
            }
        }
        return worst;
    }

    private static float[] logits(Engine engine, Image image, int[] start, int[] tile) {
        int[] size = Arrays.copyOf(tile, engine.network().dimension());
        return engine.run(SlidingWindow.block(image, start, tile), 1, size, false)
                .logits();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void an_impulse_is_felt_as_far_as_the_reach_and_no_farther(NetworkConfig shape) {
        // One channel and positive weights that sum to 1, no bias: what an impulse reaches is above 0, all else is 0.
        NetworkConfig network =
                shape.withWidths(shape.widths().stream().map(width -> 1).toList());
        ReceptiveField field = ReceptiveField.of(network);
        int cell = field.multiple();
        int[] size = new int[network.dimension()];
        Arrays.fill(size, cell);
        size[0] = 2 * field.halo() + 5 * cell;
        int before = 0;
        int after = 0;
        try (var engine = TorchEngine.owning(positive(network), "cpu")) {
            for (int phase = 0; phase < cell; phase++) {
                int at = field.halo() + 2 * cell + phase;
                float[] input = new float[Arrays.stream(size).reduce(1, (a, b) -> a * b)];
                for (int i = at; i < input.length; i += size[0]) {
                    input[i] = 1;
                }
                float[] logits = engine.run(input, 1, size, false).logits();
                int first = size[0];
                int last = 0;
                for (int i = 0; i < input.length; i++) {
                    if (logits[i] > 1e-12) {
                        first = Math.min(first, i % size[0]);
                        last = Math.max(last, i % size[0]);
                    }
                }
                before = Math.max(before, last / cell * cell - at);
                after = Math.max(after, at - (first / cell * cell + cell - 1));
            }
        }
        // An impulse before the cell is felt at its first voxels, one behind it at its last.
        assertThat(new ReceptiveField(before, after, cell)).isEqualTo(field);
    }

    private static TorchNetwork positive(NetworkConfig config) {
        TorchNetwork network = TorchNetwork.create(config, 1);
        try (var scope = TensorScope.withoutGradients()) {
            for (Map.Entry<String, Tensor> entry : network.parameters().entrySet()) {
                long[] shape = entry.getValue().shape();
                double value = entry.getKey().endsWith(".bias") ? 0 : 1;
                if (shape.length > 1) {
                    value /= shape[1] * Math.pow(shape[2] == 3 ? 3 : 1, shape.length - 3.0);
                }
                entry.getValue().fill_(new Scalar(value));
            }
        }
        return network;
    }

    @Test
    void a_segmentation_by_exact_tiles_in_slabs_is_the_whole_images() {
        for (NetworkConfig network : List.of(FLAT, DEEP)) {
            int[] size = network.dimension() == 2 ? new int[] {137, 150} : new int[] {41, 38, 70};
            int[] patch = new int[size.length];
            Arrays.fill(patch, 16);
            var model = ModelDescription.of(
                    "noise",
                    network,
                    Preprocessing.of(1, new Normalisation.ZScore()),
                    LabelSet.of(Map.of(7, "seven")),
                    patch);
            Image image = noise(size);
            var engine = TorchEngine.owning(TorchNetwork.create(network, 8), "cpu");
            for (boolean mirror : new boolean[] {false, true}) {
                var whole = SegmenterOptions.defaults()
                        .withProbabilities(true)
                        .withAttention(true)
                        .withMirror(mirror)
                        .withTiles(TileMode.WHOLE);
                var segmenter = Segmenter.of(engine, model, whole);
                var tiles = whole.withTiles(TileMode.EXACT)
                        .withMemory(segmenter.plan(image.grid(), whole).bytes() * 4 / 5);
                TilePlan plan = segmenter.plan(image.grid(), tiles);
                assertThat(plan.blocks()).isGreaterThan(1);
                assertThat(plan.halo()).isPositive();
                Segmentation expected = segmenter.segment(image, whole);
                Segmentation actual = segmenter.segment(image, tiles);
                assertClose(expected.probabilities(), actual.probabilities());
                expected.attention()
                        .forEach((gate, maps) ->
                                assertClose(maps, actual.attention().get(gate)));
                assertThat(actual.attention()).hasSameSizeAs(expected.attention());
            }
            engine.close();
        }
    }

    private static void assertClose(Image expected, Image actual) {
        assertThat(actual.channels())
                .hasDimensions(expected.channels().length, expected.grid().voxels());
        double worst = 0;
        for (int c = 0; c < expected.channels().length; c++) {
            for (int i = 0; i < expected.channel(c).length; i++) {
                worst = Math.max(worst, Math.abs(expected.channel(c)[i] - actual.channel(c)[i]));
            }
        }
        assertThat(worst).isLessThan(1e-5);
    }

    private static Image noise(int... size) {
        Random random = new Random(3);
        float[] values = new float[Grid.of(size).voxels()];
        for (int i = 0; i < values.length; i++) {
            // Untrained networks are not small: so logits stay below 10, and 1e-5 is far above their rounding.
            values[i] = (float) (random.nextGaussian() / 4);
        }
        return Image.of(Grid.of(size), values);
    }
}
