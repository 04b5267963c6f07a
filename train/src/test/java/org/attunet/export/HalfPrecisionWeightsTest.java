package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.DType;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.attunet.weights.Weight;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class HalfPrecisionWeightsTest {
    @Test
    void rounding_is_libtorchs_for_every_order_of_magnitude_and_for_ties() {
        var random = new Random(5);
        float[] values = new float[40_000];
        for (int i = 0; i < values.length; i++) {
            // from 2^-26, below half of the smallest half, to 2^15
            values[i] = Math.scalb((random.nextBoolean() ? -1 : 1) * (1 + random.nextFloat()), -26 + i % 41);
            if (i % 5 == 0) {
                values[i] = Math.scalb(2049f + 2 * random.nextInt(1000), -14 - random.nextInt(12)); // ties
            }
        }
        values[0] = 65_504;
        values[1] = -0f;
        values[2] = 0x1p-25f;
        values[3] = Math.nextUp(0x1p-25f);
        values[4] = Float.POSITIVE_INFINITY;
        float[] expected;
        try (var scope = TensorScope.withoutGradients()) {
            expected = Tensors.toFloats(
                    Tensors.of(values, values.length).to(ScalarType.Half).to(ScalarType.Float));
        }
        float[] found = Weight.ofHalves("w", values, values.length).floats();
        for (int i = 0; i < values.length; i++) {
            assertThat(Float.floatToRawIntBits(found[i]))
                    .as("of %s", values[i])
                    .isEqualTo(Float.floatToRawIntBits(expected[i]));
        }
    }

    @Test
    void every_half_stays_itself() {
        ByteBuffer all = ByteBuffer.allocate(1 << 17).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean notANumber = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
            all.putShort((short) (notANumber ? 0x7e00 : bits));
        }
        Weight halves = Weight.ofBytes(DType.F16, all.array(), 1 << 16);
        assertThat(Weight.ofHalves("w", halves.floats(), 1 << 16)).isEqualTo(halves);
    }

    @Test
    void a_weight_beyond_the_range_is_refused_by_name() {
        assertThatThrownBy(() -> Weight.ofHalves("Conv1.weight", new float[] {1, 65_520}, 2))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Conv1.weight")
                .hasMessageContaining("65504");
    }

    @Test
    void a_halved_model_computes_with_the_rounded_weights() {
        NetworkConfig config = NetworkConfig.attUNet(2, 2, 3).withWidths(List.of(8, 16, 32));
        byte[] full;
        try (TorchNetwork network = TorchNetwork.create(config, 3)) {
            full = OnnxExport.of(network);
        }
        byte[] half = HalfPrecisionWeights.of(full);
        assertThat(packed(half)).isLessThan(packed(full) * 7 / 10);
        int[] size = {32, 24};
        float[] input = OnnxExport.testInput(config, size);
        Engine.Output a = run(full, config, input, size);
        Engine.Output b = run(half, config, input, size);
        // Relative rounding is at most 2^-11 for each weight; through five levels it stays within a few of these.
        assertThat(b.logits()).containsExactly(a.logits(), Offset.offset(0.02f));
        assertThat(b.logits()).isNotEqualTo(a.logits());
        assertThat(HalfPrecisionWeights.of(half)).isEqualTo(half); // nothing is left to halve
    }

    @Test
    void halved_weights_are_read_back_under_their_names_and_counts_stay_whole_numbers() throws Exception {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        StateDict weights;
        try (TorchNetwork network = TorchNetwork.create(config, 3)) {
            weights = NetworkWeights.of(network);
        }
        java.nio.file.Path file = java.nio.file.Files.createTempFile("half", ".pt");
        try {
            java.nio.file.Files.write(file, TorchFile.bytes(HalfPrecisionWeights.of(weights)));
            StateDict read = TorchFile.read(file);
            assertThat(List.copyOf(read.names())).isEqualTo(List.copyOf(weights.names()));
            for (Map.Entry<String, Weight> entry : read.weights().entrySet()) {
                DType type = weights.get(entry.getKey()).dtype();
                assertThat(entry.getValue().dtype()).isEqualTo(type == DType.F32 ? DType.F16 : type);
            }
            try (TorchNetwork network = TorchNetwork.create(config, 9)) {
                NetworkWeights.load(network, read, "half");
            }
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    private static int packed(byte[] bytes) {
        var deflater = new java.util.zip.Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        return deflater.deflate(new byte[2 * bytes.length]);
    }

    private static Engine.Output run(byte[] onnx, NetworkConfig config, float[] input, int[] size) {
        try (var engine =
                OnnxEngine.open(onnx, "half", config, OnnxOptions.defaults().withThreads(1))) {
            return engine.run(input, 1, size, true);
        }
    }
}
