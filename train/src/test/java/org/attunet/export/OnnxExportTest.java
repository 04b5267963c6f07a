package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.Npy;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.tensor.Natives;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.TorchEngine;
import org.attunet.weights.PytorchFixture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxExportTest {
    private static final OnnxOptions ONE_THREAD = OnnxOptions.defaults().withThreads(1);

    @BeforeAll
    static void one_thread_is_fastest_for_networks_this_small() {
        Natives.threads(1);
    }

    @ParameterizedTest
    @MethodSource("org.attunet.weights.PytorchFixture#all")
    void onnx_runtime_gives_pytorchs_logits_and_attention(PytorchFixture pytorch) {
        byte[] onnx;
        NetworkConfig config;
        try (TorchNetwork network = pytorch.network()) {
            config = network.config();
            onnx = OnnxExport.of(network);
        }
        Npy input = pytorch.array("input");
        try (var engine = OnnxEngine.open(onnx, pytorch.name(), config, ONE_THREAD)) {
            Engine.Output output = engine.run(input.values(), input.shape()[0], pytorch.size(), true);
            pytorch.assertClose(output.logits(), "logits", 1e-4);
            assertThat(engine.gates())
                    .hasSize((int) pytorch.gates())
                    .containsExactlyElementsOf(output.attention().stream()
                            .map(Engine.AttentionMap::gate)
                            .toList());
            for (Engine.AttentionMap map : output.attention()) {
                pytorch.assertClose(map.values(), "attention_" + map.gate(), 1e-4);
            }
        }
    }

    static Stream<NetworkConfig> every_kind_of_network() {
        NetworkConfig flat = NetworkConfig.attUNet(2, 2, 3).withWidths(List.of(4, 6, 8));
        NetworkConfig deep = NetworkConfig.attUNet(3, 1, 1).withWidths(List.of(3, 4, 6));
        return Stream.of(
                flat,
                flat.withGates(Gates.NONE),
                flat.withNormalisation(NormLayer.INSTANCE),
                flat.withNormalisation(NormLayer.NONE).withUpsampling(Upsampling.NEAREST),
                flat.withDeepSupervision(true),
                deep,
                deep.withUpsampling(Upsampling.NEAREST).withNormalisation(NormLayer.INSTANCE),
                deep.withGates(Gates.NONE).withDeepSupervision(true),
                NetworkConfig.paper(2, 3, Gates.GRID_SINGLE).withWidths(List.of(2, 4, 4, 6, 8)),
                NetworkConfig.paper(1, 2, Gates.GRID_MULTI).withWidths(List.of(2, 4, 4, 6, 8)),
                NetworkConfig.paper(1, 2, Gates.NONE).withWidths(List.of(2, 4, 4, 6, 8)),
                NetworkConfig.paper(2, 3, 2, Gates.GRID_SINGLE).withWidths(List.of(2, 4, 4, 6, 8)),
                NetworkConfig.paper(2, 1, 1, Gates.GRID_MULTI).withWidths(List.of(2, 4, 4, 6, 8)));
    }

    @ParameterizedTest
    @MethodSource("every_kind_of_network")
    void onnx_runtime_equals_libtorch_at_any_size(NetworkConfig config) {
        try (TorchNetwork network = TorchNetwork.create(config, 5)) {
            byte[] onnx = OnnxExport.of(network);
            try (var torch = TorchEngine.owning(TorchNetwork.create(config, 5), "cpu");
                    var engine = OnnxEngine.open(onnx, "model", config, ONE_THREAD)) {
                assertThat(engine.gates()).isEqualTo(torch.gates());
                for (int k = 1; k <= 2; k++) {
                    int[] size = new int[config.dimension()];
                    for (int axis = 0; axis < size.length; axis++) {
                        size[axis] = config.multiple() * (k + axis);
                    }
                    double worst = OnnxExport.check(torch, engine, OnnxExport.testInput(config, size), size);
                    assertThat(worst).isLessThan(1e-4);
                }
            }
        }
    }

    @Test
    void a_model_of_another_network_is_refused() {
        NetworkConfig config = NetworkConfig.attUNet(2, 2, 3).withWidths(List.of(4, 6));
        byte[] onnx;
        try (TorchNetwork network = TorchNetwork.create(config, 5)) {
            onnx = OnnxExport.of(network);
        }
        NetworkConfig other = NetworkConfig.attUNet(2, 3, 3).withWidths(List.of(4, 6));
        assertThatThrownBy(() -> OnnxEngine.open(onnx, "model.onnx", other, ONE_THREAD))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("3 channels");
        byte[] half = java.util.Arrays.copyOf(onnx, onnx.length / 2);
        assertThatThrownBy(() -> OnnxEngine.open(half, "model.onnx", config, ONE_THREAD))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model.onnx");
        assertThatThrownBy(() -> OnnxEngine.open(new byte[0], "model.onnx", config, ONE_THREAD))
                .isInstanceOf(AttunetException.class);
    }

    @Test
    void a_difference_beyond_rounding_is_an_error() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 6));
        try (TorchNetwork network = TorchNetwork.create(config, 5);
                var other = TorchEngine.owning(TorchNetwork.create(config, 6), "cpu");
                var engine = OnnxEngine.open(OnnxExport.of(network), "model", config, ONE_THREAD)) {
            int[] size = {8, 8};
            float[] input = OnnxExport.testInput(config, size);
            assertThatThrownBy(() -> OnnxExport.check(other, engine, input, size))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("logits differ");
        }
    }
}
