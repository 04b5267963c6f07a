package org.attunet.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.weights.Architecture;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TorchNetworkTest {
    private static final NetworkConfig SMALL =
            NetworkConfig.attUNet(2, 2, 3).withWidths(List.of(4, 6, 8)).withDeepSupervision(true);

    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of(NetworkConfig.attUNet(2, 3, 1), 31_395_053L),
                Arguments.of(NetworkConfig.attUNet(2, 3, 1).withUpsampling(Upsampling.NEAREST), 34_878_573L),
                Arguments.of(NetworkConfig.paper(1, 4, Gates.GRID_SINGLE), 6_214_151L),
                Arguments.of(NetworkConfig.paper(1, 4, Gates.GRID_MULTI), 6_473_322L),
                Arguments.of(NetworkConfig.paper(1, 4, Gates.NONE), 5_888_004L));
    }

    @ParameterizedTest
    @MethodSource("published")
    void full_width_networks_have_the_published_number_of_parameters(NetworkConfig config, long parameters) {
        try (TorchNetwork network = TorchNetwork.create(config, 1)) {
            assertThat(network.parameterCount()).isEqualTo(parameters);
        }
    }

    static Stream<NetworkConfig> variants() {
        NetworkConfig volume =
                NetworkConfig.attUNet(3, 1, 2).withWidths(List.of(2, 4, 6)).withUpsampling(Upsampling.NEAREST);
        List<Integer> narrow = List.of(2, 4, 6, 8, 10);
        return Stream.of(
                SMALL,
                SMALL.withNormalisation(NormLayer.INSTANCE),
                SMALL.withNormalisation(NormLayer.NONE),
                SMALL.withGates(Gates.NONE),
                volume,
                volume.withDeepSupervision(true).withNormalisation(NormLayer.INSTANCE),
                NetworkConfig.paper(2, 3, Gates.GRID_MULTI).withWidths(narrow),
                NetworkConfig.paper(1, 2, Gates.NONE).withWidths(narrow),
                NetworkConfig.paper(2, 3, 2, Gates.GRID_SINGLE).withWidths(narrow),
                NetworkConfig.paper(2, 1, 2, Gates.GRID_MULTI).withWidths(narrow));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void names_and_shapes_are_those_by_which_files_are_recognised(NetworkConfig config) {
        Map<String, long[]> expected = Architecture.expected(config);
        try (TorchNetwork network = TorchNetwork.create(config, 1)) {
            assertThat(network.state().keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
            network.state()
                    .forEach((name, tensor) ->
                            assertThat(tensor.shape()).as(name).isEqualTo(expected.get(name)));
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void logits_have_the_inputs_size_heads_halve_it_and_coefficients_lie_between_0_and_1(NetworkConfig config) {
        int side = 2 * config.multiple();
        long[] shape = config.dimension() == 2
                ? new long[] {2, config.channels(), side, 3L * side}
                : new long[] {1, config.channels(), side, side, 2L * side};
        try (TorchNetwork network = TorchNetwork.create(config, 3);
                var scope = TensorScope.withoutGradients()) {
            Forward forward = network.forward(input(shape), Mode.TRAINING);
            shape[1] = config.outputs();
            assertThat(forward.logits().shape()).isEqualTo(shape);
            for (Tensor head : forward.heads()) {
                for (int axis = 2; axis < shape.length; axis++) {
                    shape[axis] /= 2;
                }
                assertThat(head.shape()).isEqualTo(shape);
            }
            for (Forward.Attention map : forward.attention()) {
                for (float psi : Tensors.toFloats(map.coefficients())) {
                    assertThat(psi).isBetween(0f, 1f);
                }
            }
            assertThat(forward.attention()).hasSize(gates(config));
        }
    }

    @Test
    void the_seed_fixes_every_weight_and_convolutions_start_with_kaimings_variance() {
        NetworkConfig config = NetworkConfig.attUNet(2, 3, 1).withWidths(List.of(32, 64));
        try (TorchNetwork one = TorchNetwork.create(config, 5);
                TorchNetwork same = TorchNetwork.create(config, 5);
                TorchNetwork other = TorchNetwork.create(config, 6)) {
            one.state()
                    .forEach((name, tensor) -> assertThat(Tensors.toFloats(tensor))
                            .as(name)
                            .isEqualTo(Tensors.toFloats(same.state().get(name))));
            String name = "Conv2.conv.0.weight"; // (64, 32, 3, 3): fan-in 288
            float[] weights = Tensors.toFloats(one.state().get(name));
            assertThat(weights).isNotEqualTo(Tensors.toFloats(other.state().get(name)));
            double sum = 0;
            double squares = 0;
            for (float w : weights) {
                sum += w;
                squares += (double) w * w;
            }
            // 18,432 draws: the sample's deviation is within 3% with certainty enough.
            assertThat(Math.sqrt(squares / weights.length)).isCloseTo(Math.sqrt(2.0 / 288), within(0.03 * 0.0833));
            assertThat(sum / weights.length).isCloseTo(0, within(0.003));
        }
    }

    @Test
    void a_frozen_network_gives_the_same_logits_after_training_has_moved_its_statistics() {
        try (TorchNetwork network = TorchNetwork.create(SMALL, 4);
                var scope = TensorScope.withoutGradients()) {
            Tensor x = input(2, 2, 16, 8);
            for (int step = 0; step < 5; step++) {
                network.forward(x, Mode.TRAINING);
            }
            float[] before = Tensors.toFloats(network.forward(x, Mode.INFERENCE).logits());
            network.freeze();
            float[] after = Tensors.toFloats(network.forward(x, Mode.INFERENCE).logits());
            assertThat(after).containsExactly(before, within(2e-5f));
        }
    }

    private static int gates(NetworkConfig config) {
        return switch (config.gates()) {
            case NONE -> 0;
            case ADDITIVE -> config.levels() - 1;
            case GRID_SINGLE, GRID_MULTI -> 3;
        };
    }

    private static Tensor input(long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        float[] values = new float[count];
        var random = new java.util.SplittableRandom(2);
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensors.of(values, shape);
    }
}
