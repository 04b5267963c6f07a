package org.attunet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.Upsampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {
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
    void the_declared_weights_add_up_to_pytorchs_number_of_parameters(NetworkConfig config, long parameters) {
        long declared = Network.of(config).weights().entrySet().stream()
                .filter(weight -> !weight.getKey().matches(".*\\.(running_mean|running_var|num_batches_tracked)"))
                .mapToLong(weight -> Arrays.stream(weight.getValue()).reduce(1, (a, b) -> a * b))
                .sum();
        assertThat(declared).isEqualTo(parameters);
    }

    @Test
    void the_order_of_the_weights_is_that_of_the_authors_state_dict() {
        List<String> names = List.copyOf(Network.of(NetworkConfig.paper(1, 2, Gates.GRID_SINGLE))
                .weights()
                .keySet());
        assertThat(names)
                .startsWith("conv1.conv1.0.weight", "conv1.conv1.0.bias", "conv1.conv1.1.weight")
                .endsWith("dsv1.weight", "dsv1.bias", "final.weight", "final.bias")
                .containsSubsequence(
                        "center.conv2.1.num_batches_tracked",
                        "gating.conv1.0.weight",
                        "attentionblock2.gate_block_1.W.0.weight",
                        "attentionblock2.gate_block_1.theta.weight",
                        "attentionblock2.gate_block_1.phi.weight",
                        "attentionblock2.gate_block_1.psi.weight",
                        "attentionblock2.combine_gates.0.weight",
                        "attentionblock3.gate_block_1.W.0.weight",
                        "up_concat4.conv.conv1.0.weight",
                        "dsv4.dsv.0.weight");
    }

    /**
     * Hooks at the convolutions of the same network in PyTorch count 94.195 GFLOP for 256 x 256; each of the four
     * transposed ones adds 2 x 4 x 2^27 (input values times output channels). Everything else is below 1%.
     */
    @Test
    void a_pass_costs_as_many_operations_as_its_convolutions_add_up_to() {
        double convolutions = 94.195e9 + 4 * 2 * 4 * Math.pow(2, 27);
        assertThat(NetworkCost.of(NetworkConfig.attUNet(2, 3, 1)).operations() * 256 * 256)
                .isBetween(convolutions, 1.01 * convolutions);
    }

    @Test
    void gates_cost_their_three_convolutions_and_change_no_reach() {
        NetworkConfig gated = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(8, 16));
        NetworkConfig plain = gated.withGates(Gates.NONE);
        // Per voxel: two kernel-1 convolutions 8 to 4 with normalisation, a sum, 4 to 1 with normalisation, a sigmoid
        // and
        // the product with 8 channels.
        double gate = 2 * (2 * 8 * 4 + 2 * 4) + 4 + (2 * 4 + 2) + 1 + 8;
        assertThat(NetworkCost.of(gated).operations() - NetworkCost.of(plain).operations())
                .isCloseTo(gate, within(1e-9));
        assertThat(ReceptiveField.of(gated)).isEqualTo(ReceptiveField.of(plain));
    }
}
