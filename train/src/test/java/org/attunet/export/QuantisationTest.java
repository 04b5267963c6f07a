package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
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
import org.attunet.weights.Architecture;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantisationTest {
    private static final OnnxOptions ONE_THREAD = OnnxOptions.defaults().withThreads(1);
    private static final QuantisationOptions OPTIONS =
            QuantisationOptions.defaults().withThreads(1);

    @BeforeAll
    static void one_thread_is_fastest_for_networks_this_small() {
        Natives.threads(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seed_attunet",
                "seed_attunet_multiclass",
                "leejunhyun_attunet",
                "official_multi_att_dsv_3d",
                "official_single_att_dsv_3d",
                "official_unet_dsv_3d"
            })
    void eight_bits_give_pytorchs_logits_within_a_tenth_of_their_spread(String name) throws Exception {
        Path folder =
                Path.of(QuantisationTest.class.getResource("/networks/" + name).toURI());
        String file = folder.resolve("state_dict.pt").toString();
        var recognised = Architecture.recognise(TorchFile.read(Path.of(file)), file);
        byte[] model;
        try (TorchNetwork network = TorchNetwork.create(recognised.config(), 7)) {
            NetworkWeights.load(network, recognised.weights(), file);
            model = OnnxExport.of(network);
        }
        Npy input = Npy.read(folder.resolve("input.npy"));
        int batch = input.shape()[0];
        int[] size = new int[input.shape().length - 2];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = input.shape()[input.shape().length - 1 - axis];
        }
        List<CalibrationInput> inputs = new ArrayList<>();
        int each = input.values().length / batch;
        for (int k = 0; k < batch; k++) {
            inputs.add(new CalibrationInput(Arrays.copyOfRange(input.values(), k * each, (k + 1) * each), size));
        }
        byte[] quantised = Quantisation.ofAllLayers(model, recognised.config(), inputs, OPTIONS);
        float[] expected = Npy.read(folder.resolve("logits.npy")).values();
        try (var engine = OnnxEngine.open(quantised, name, recognised.config(), ONE_THREAD)) {
            float[] found = engine.run(input.values(), batch, size, true).logits();
            assertThat(relativeError(expected, found)).isLessThan(0.1);
        }
    }

    static Stream<NetworkConfig> every_kind_of_network() {
        NetworkConfig flat = NetworkConfig.attUNet(2, 2, 3).withWidths(List.of(8, 12, 16));
        NetworkConfig deep = NetworkConfig.attUNet(3, 1, 1).withWidths(List.of(8, 8, 12));
        return Stream.of(
                flat,
                flat.withGates(Gates.NONE),
                flat.withNormalisation(NormLayer.INSTANCE),
                flat.withNormalisation(NormLayer.NONE).withUpsampling(Upsampling.NEAREST),
                deep,
                deep.withUpsampling(Upsampling.NEAREST).withNormalisation(NormLayer.INSTANCE),
                NetworkConfig.paper(1, 2, Gates.GRID_MULTI).withWidths(List.of(8, 8, 8, 12, 16)));
    }

    @ParameterizedTest
    @MethodSource("every_kind_of_network")
    void every_kind_of_network_is_computed_at_any_size_and_batch(NetworkConfig config) {
        byte[] model = random(config);
        byte[] quantised = Quantisation.ofAllLayers(model, config, inputs(config, 2), OPTIONS);
        int[] size = new int[config.dimension()];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = config.multiple() * (1 + axis % 2);
        }
        float[] one = OnnxExport.testInput(config, size);
        float[] two = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, two, one.length, one.length);
        try (var expected = OnnxEngine.open(model, "float", config, ONE_THREAD);
                var found = OnnxEngine.open(quantised, "int8", config, ONE_THREAD)) {
            Engine.Output a = expected.run(two, 2, size, true);
            Engine.Output b = found.run(two, 2, size, true);
            assertThat(relativeError(a.logits(), b.logits())).isLessThan(0.35);
            assertThat(b.attention()).hasSameSizeAs(a.attention());
        }
    }

    @Test
    void onnx_runtime_makes_whole_chains_of_8_bit_operators(@TempDir Path folder) throws Exception {
        for (int dimension = 2; dimension <= 3; dimension++) {
            NetworkConfig config = NetworkConfig.attUNet(dimension, 1, 1).withWidths(List.of(8, 16, 32));
            byte[] quantised = Quantisation.ofAllLayers(random(config), config, inputs(config, 1), OPTIONS);
            String file = folder.resolve("optimised.onnx").toString();
            try (var options = new OrtSession.SessionOptions()) {
                options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
                options.setOptimizedModelFilePath(file);
                OrtEnvironment.getEnvironment()
                        .createSession(quantised, options)
                        .close();
            }
            List<String> operators = parsed(Files.readAllBytes(Path.of(file))).getGraph().getNodeList().stream()
                    .map(NodeProto::getOpType)
                    .toList();
            // One value in: the first layer stays in float, and the head; between them there is nothing in float.
            assertThat(operators.stream().filter("Conv"::equals)).hasSize(2);
            assertThat(operators.stream().filter("QLinearConv"::equals)).hasSize(5 + 2 + 4 + 6);
            assertThat(operators.stream().filter("QuantizeLinear"::equals)).hasSize(1);
            assertThat(operators)
                    .contains("QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearSigmoid")
                    .doesNotContain("ConvTranspose", "Relu", "MaxPool", "Sigmoid", "Add");
        }
    }

    @Test
    void transposed_convolutions_written_as_convolutions_compute_the_same() throws Exception {
        for (int dimension = 2; dimension <= 3; dimension++) {
            NetworkConfig config = NetworkConfig.attUNet(dimension, 2, 1).withWidths(List.of(4, 6, 8));
            byte[] model = random(config);
            ModelProto replaced = ConvTransposeAsConv.replaced(parsed(model));
            assertThat(replaced.getGraph().getNodeList())
                    .noneMatch(node -> node.getOpType().equals("ConvTranspose"));
            try (var expected = OnnxEngine.open(model, "transposed", config, ONE_THREAD);
                    var found = OnnxEngine.open(replaced.toByteArray(), "parts", config, ONE_THREAD)) {
                int[] size = dimension == 2 ? new int[] {8, 12} : new int[] {8, 12, 4};
                OnnxExport.check(expected, found, OnnxExport.testInput(config, size), size);
            }
        }
    }

    @Test
    void weights_of_7_bits_stay_where_no_cpu_saturates() throws Exception {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(8, 16));
        byte[] quantised = Quantisation.ofAllLayers(random(config), config, inputs(config, 1), OPTIONS);
        int checked = 0;
        for (TensorProto constant : parsed(quantised).getGraph().getInitializerList()) {
            if (constant.getDataType() == TensorProto.DataType.INT8.getNumber()
                    && constant.getName().endsWith("weight")) {
                int largest = 0;
                for (byte value : constant.getRawData().toByteArray()) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertThat(largest).isEqualTo(64); // 255 * 64 * 2 is below 2^15
                checked++;
            }
        }
        assertThat(checked).isEqualTo(9);
    }

    @Test
    void sums_in_16_bits_do_not_saturate_on_this_cpu() throws Exception {
        for (int dimension = 2; dimension <= 3; dimension++) {
            NetworkConfig config = NetworkConfig.attUNet(dimension, 1, 2).withWidths(List.of(16, 32));
            byte[] quantised = Quantisation.ofAllLayers(random(config), config, inputs(config, 1), OPTIONS);
            CalibrationInput probe = inputs(config, 1).get(0);
            // "1" asks for a product of unsigned bytes, which never saturates and is slower.
            assertThat(logitsWith("1", quantised, probe)).isEqualTo(logitsWith("0", quantised, probe));
        }
    }

    private static float[] logitsWith(String precision, byte[] model, CalibrationInput input) throws Exception {
        long[] shape = new long[input.size().length + 2];
        Arrays.fill(shape, 1);
        for (int axis = 0; axis < input.size().length; axis++) {
            shape[shape.length - 1 - axis] = input.size()[axis];
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.addConfigEntry("session.x64quantprecision", precision);
            try (var session = environment.createSession(model, options);
                    var tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.values()), shape);
                    var result = session.run(Map.of("input", tensor), Set.of("logits"))) {
                FloatBuffer logits = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[logits.remaining()];
                logits.get(values);
                return values;
            }
        }
    }

    @Test
    void the_same_inputs_give_the_same_file() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        byte[] model = random(config);
        byte[] first = Quantisation.ofAllLayers(model, config, inputs(config, 3), OPTIONS);
        assertThat(Quantisation.ofAllLayers(model, config, inputs(config, 3), OPTIONS))
                .isEqualTo(first);
    }

    @Test
    void a_layer_with_an_outlier_is_found_and_stays_in_float() throws Exception {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        byte[] model = withOutlier(random(config), "Conv2.conv.0");
        Map<String, Double> sensitivity =
                Quantisation.sensitivity(model, config, inputs(config, 2), OPTIONS.withRule(new RangeSearch.MinMax()));
        List<String> worst = List.copyOf(sensitivity.keySet()).subList(0, 2);
        assertThat(worst).containsExactlyInAnyOrder("Conv2.conv.0", "Conv2.conv.3");

        CalibrationInput probe = inputs(config, 1).get(0);
        float[] expected = logits(model, config, probe);
        AtomicInteger calls = new AtomicInteger();
        var result = Quantisation.of(
                model,
                config,
                inputs(config, 2),
                OPTIONS.withRule(new RangeSearch.MinMax()).withMaxLoss(0.1),
                bytes -> {
                    calls.incrementAndGet();
                    return 1 - relativeError(expected, logits(bytes, config, probe));
                });
        assertThat(result.keptInFloat()).isNotEmpty().allMatch(sensitivity::containsKey);
        assertThat(Set.of("Conv2.conv.0", "Conv2.conv.3"))
                .contains(result.keptInFloat().get(0));
        assertThat(result.score()).isGreaterThanOrEqualTo(result.floatScore() - 0.1);
        assertThat(calls.get()).isLessThan(12);
    }

    @Test
    void where_nothing_is_lost_no_layer_stays_in_float() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        var result = Quantisation.of(random(config), config, inputs(config, 1), OPTIONS, bytes -> 0.9);
        assertThat(result.keptInFloat()).isEmpty();
        assertThat(result.score()).isEqualTo(result.floatScore());
    }

    @Test
    void what_cannot_be_quantised_is_told() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        byte[] model = random(config);
        assertThatThrownBy(() -> Quantisation.ofAllLayers(model, config, List.of(), OPTIONS))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("calibration");
        assertThatThrownBy(() -> Quantisation.ofAllLayers(new byte[] {1, 2, 3}, config, inputs(config, 1), OPTIONS))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no ONNX model");
        float[] broken = new float[64];
        broken[7] = Float.NaN;
        List<CalibrationInput> inputs = List.of(new CalibrationInput(broken, 8, 8));
        assertThatThrownBy(() -> Quantisation.ofAllLayers(model, config, inputs, OPTIONS))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("calibration");
    }

    @Test
    void a_recorder_keeps_blocks_spread_over_all_that_came() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(8, 16));
        try (var recorder = new CalibrationRecorder(OnnxEngine.open(random(config), "m", config, ONE_THREAD), 4)) {
            for (int k = 0; k < 20; k++) {
                float[] values = new float[4];
                values[0] = k;
                recorder.run(values, 1, new int[] {2, 2}, false);
            }
            assertThat(recorder.inputs()).hasSizeBetween(2, 4);
            assertThat(recorder.inputs().stream().map(one -> one.values()[0])).containsExactly(0f, 8f, 16f);
        }
    }

    /** One map of a layer a thousand times larger, and what reads it a thousand times smaller: the network is the same. */
    private static byte[] withOutlier(byte[] model, String layer) throws InvalidProtocolBufferException {
        var builder = parsed(model).toBuilder();
        var graph = builder.getGraphBuilder();
        for (int k = 0; k < graph.getInitializerCount(); k++) {
            TensorProto constant = graph.getInitializer(k);
            boolean weight = constant.getName().equals(layer + ".weight");
            boolean reader = constant.getName().equals(layer.replace("conv.0", "conv.3") + ".weight");
            if (weight || constant.getName().equals(layer + ".bias") || reader) {
                float[] values = OnnxProtos.floats(constant);
                long[] sizes = constant.getDimsList().stream()
                        .mapToLong(Long::longValue)
                        .toArray();
                if (reader) {
                    int maps = (int) sizes[1];
                    for (int i = 0; i < values.length; i++) {
                        values[i] *= i / 9 % maps == 0 ? 1e-3f : 1;
                    }
                } else {
                    for (int i = 0; i < values.length / sizes[0]; i++) {
                        values[i] *= 1e3f;
                    }
                }
                graph.setInitializer(k, OnnxProtos.floats(constant.getName(), values, sizes));
            }
        }
        return builder.build().toByteArray();
    }

    private static byte[] random(NetworkConfig config) {
        try (TorchNetwork network = TorchNetwork.create(config, 5)) {
            return OnnxExport.of(network);
        }
    }

    private static List<CalibrationInput> inputs(NetworkConfig config, int count) {
        List<CalibrationInput> inputs = new ArrayList<>();
        for (int k = 1; k <= count; k++) {
            int[] size = new int[config.dimension()];
            Arrays.fill(size, config.multiple() * (1 + k % 2));
            inputs.add(new CalibrationInput(OnnxExport.testInput(config, size), size));
        }
        return inputs;
    }

    private static float[] logits(byte[] model, NetworkConfig config, CalibrationInput input) {
        try (var engine = OnnxEngine.open(model, "model", config, ONE_THREAD)) {
            return engine.run(input.values(), 1, input.size(), false).logits();
        }
    }

    /** Root of the mean squared difference as a share of the standard deviation of what is expected. */
    private static double relativeError(float[] expected, float[] found) {
        assertThat(found).hasSameSizeAs(expected);
        double mean = 0;
        for (float value : expected) {
            mean += value / expected.length;
        }
        double squares = 0;
        double spread = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += Math.pow(expected[i] - found[i], 2);
            spread += Math.pow(expected[i] - mean, 2);
        }
        return Math.sqrt(squares / spread);
    }

    private static ModelProto parsed(byte[] bytes) throws InvalidProtocolBufferException {
        return ModelProto.parseFrom(bytes);
    }
}
