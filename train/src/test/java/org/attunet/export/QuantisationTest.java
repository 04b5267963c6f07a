package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.image.Sizes;
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
import org.attunet.weights.PytorchFixture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class QuantisationTest {
    private static final OnnxOptions ONE_THREAD = OnnxOptions.defaults().withThreads(1);

    @BeforeAll
    static void one_thread_is_fastest_for_networks_this_small() {
        Natives.threads(1);
    }

    /** Errors of ONNX Runtime's own {@code quantize_static}, printed by {@code src/test/resources/export/quantise.py}. */
    @ParameterizedTest
    @CsvSource({
        "seed_attunet, 0.03193",
        "seed_attunet_multiclass, 0.00109",
        "leejunhyun_attunet, 0.06859",
        "official_multi_att_dsv_3d, 0.05085",
        "official_single_att_dsv_3d, 0.05852",
        "official_unet_dsv_3d, 0.03461"
    })
    void pytorchs_networks_lose_no_more_than_in_onnx_runtimes_own_quantisation(String name, double ownError) {
        var pytorch = new PytorchFixture(name);
        byte[] model;
        NetworkConfig config;
        try (TorchNetwork network = pytorch.network()) {
            config = network.config();
            model = OnnxExport.of(network);
        }
        Npy input = pytorch.array("input");
        int batch = input.shape()[0];
        int each = input.values().length / batch;
        List<CalibrationInput> inputs = IntStream.range(0, batch)
                .mapToObj(k -> new CalibrationInput(
                        Arrays.copyOfRange(input.values(), k * each, (k + 1) * each), pytorch.size()))
                .toList();
        byte[] quantised = new Quantisation(model, config, inputs, 1).allLayers();
        try (var engine = OnnxEngine.open(quantised, name, config, ONE_THREAD)) {
            float[] found =
                    engine.run(input.values(), batch, pytorch.size(), true).logits();
            assertThat(relativeError(pytorch.array("logits").values(), found)).isLessThan(1.15 * ownError);
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

    static Stream<Arguments> every_kind_of_network_with_the_error_of_onnx_runtimes_own_quantisation() {
        double[] errors = {0.03025, 0.04427, 0.10511, 0.07044, 0.09217, 0.19298, 0.10416};
        List<NetworkConfig> kinds = every_kind_of_network().toList();
        return IntStream.range(0, errors.length).mapToObj(k -> Arguments.of(kinds.get(k), errors[k]));
    }

    @ParameterizedTest
    @MethodSource("every_kind_of_network_with_the_error_of_onnx_runtimes_own_quantisation")
    void random_networks_lose_no_more_than_in_onnx_runtimes_own_quantisation(NetworkConfig config, double ownError) {
        int[] size = new int[config.dimension()];
        Arrays.fill(size, 4 * config.multiple());
        var input = new CalibrationInput(OnnxExport.testInput(config, size), size);
        byte[] model = random(config);
        byte[] quantised = new Quantisation(model, config, List.of(input), 1).allLayers();
        assertThat(relativeError(logits(model, config, input), logits(quantised, config, input)))
                .isLessThan(1.15 * ownError);
    }

    @ParameterizedTest
    @MethodSource("every_kind_of_network")
    void every_block_of_a_batch_of_any_size_is_computed_as_if_alone(NetworkConfig config) {
        byte[] quantised = new Quantisation(random(config), config, inputs(config, 2), 1).allLayers();
        int[] size = new int[config.dimension()];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = config.multiple() * (2 + axis % 2);
        }
        float[] block = OnnxExport.testInput(config, size);
        float[] zerosThenBlock = new float[2 * block.length];
        System.arraycopy(block, 0, zerosThenBlock, block.length, block.length);
        try (var engine = OnnxEngine.open(quantised, "int8", config, ONE_THREAD)) {
            Engine.Output alone = engine.run(block, 1, size, true);
            Engine.Output second = engine.run(zerosThenBlock, 2, size, true);
            int logits = alone.logits().length;
            assertThat(Arrays.copyOfRange(second.logits(), logits, 2 * logits)).isEqualTo(alone.logits());
            assertThat(second.attention()).hasSameSizeAs(alone.attention());
        }
    }

    /** Without optimisation ONNX Runtime computes the operators as they are defined, in float, between the rounding ones. */
    @ParameterizedTest
    @MethodSource("every_kind_of_network")
    void fused_8_bit_operators_compute_what_the_graph_defines(NetworkConfig config) throws Exception {
        CalibrationInput input = inputs(config, 1).get(0);
        byte[] model = random(config);
        byte[] quantised = new Quantisation(model, config, List.of(input), 1).allLayers();
        float[] expected = logitsWith(options -> options.setOptimizationLevel(OptLevel.NO_OPT), quantised, input);
        double quantisationError = relativeError(logits(model, config, input), expected);
        assertThat(relativeError(expected, logits(quantised, config, input))).isLessThan(quantisationError);
    }

    @ParameterizedTest
    @MethodSource("every_kind_of_network")
    void stored_weights_and_biases_are_within_half_a_step_of_the_real_ones(NetworkConfig config) throws Exception {
        byte[] model = random(config);
        Map<String, TensorProto> real = constants(
                ConvTransposeAsConv.replaceAll(ModelProto.parseFrom(model)).toByteArray());
        Map<String, TensorProto> stored = constants(new Quantisation(model, config, inputs(config, 1), 1).allLayers());
        int checked = 0;
        for (Map.Entry<String, TensorProto> entry : stored.entrySet()) {
            TensorProto scales = stored.get(entry.getKey() + ".step");
            TensorProto exact = real.get(entry.getKey());
            if (scales == null || exact == null) {
                continue; // not a weight or bias of a quantised layer
            }
            float[] scale = OnnxProtos.floats(scales);
            double[] found = integers(entry.getValue());
            float[] expected = OnnxProtos.floats(exact);
            int perMap = expected.length / scale.length;
            assertThat(found).hasSize(expected.length);
            for (int map = 0; map < scale.length; map++) {
                // Sorted, because the weights of 3D layers are reordered; rounding keeps the order of numbers.
                Arrays.sort(found, map * perMap, (map + 1) * perMap);
                Arrays.sort(expected, map * perMap, (map + 1) * perMap);
                for (int i = map * perMap; i < (map + 1) * perMap; i++) {
                    double tolerance = 0.5001 * scale[map] + 1e-6 * Math.abs(expected[i]);
                    assertThat(found[i] * scale[map]).as(entry.getKey()).isCloseTo(expected[i], within(tolerance));
                }
            }
            checked++;
        }
        assertThat(checked).isGreaterThan(10);
    }

    private static Map<String, TensorProto> constants(byte[] model) throws InvalidProtocolBufferException {
        return parsed(model).getGraph().getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, constant -> constant));
    }

    private static double[] integers(TensorProto tensor) {
        ByteBuffer bytes = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = tensor.getDataType() == TensorProto.DataType.INT32_VALUE;
        double[] values = new double[bytes.remaining() / (wide ? Integer.BYTES : 1)];
        for (int i = 0; i < values.length; i++) {
            values[i] = wide ? bytes.getInt() : bytes.get();
        }
        return values;
    }

    @Test
    void onnx_runtime_makes_whole_chains_of_8_bit_operators(@TempDir Path folder) throws Exception {
        for (int dimension = 2; dimension <= 3; dimension++) {
            NetworkConfig config = NetworkConfig.attUNet(dimension, 1, 1).withWidths(List.of(8, 16, 32));
            byte[] quantised = new Quantisation(random(config), config, inputs(config, 1), 1).allLayers();
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
            ModelProto replaced = ConvTransposeAsConv.replaceAll(parsed(model));
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
        byte[] quantised = new Quantisation(random(config), config, inputs(config, 1), 1).allLayers();
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
            byte[] quantised = new Quantisation(random(config), config, inputs(config, 1), 1).allLayers();
            CalibrationInput probe = inputs(config, 1).get(0);
            // "1" asks for a product of unsigned bytes, which never saturates and is slower.
            assertThat(logitsWith(
                            options -> options.addConfigEntry("session.x64quantprecision", "1"), quantised, probe))
                    .isEqualTo(logits(quantised, config, probe));
        }
    }

    private interface Setting {
        void applyTo(OrtSession.SessionOptions options) throws OrtException;
    }

    private static float[] logitsWith(Setting setting, byte[] model, CalibrationInput input) throws OrtException {
        long voxels = Arrays.stream(input.size()).asLongStream().reduce(1, Math::multiplyExact);
        long[] shape = Sizes.shape(input.size(), 1, input.values().length / voxels);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            setting.applyTo(options);
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
        byte[] first = new Quantisation(model, config, inputs(config, 3), 1).allLayers();
        assertThat(new Quantisation(model, config, inputs(config, 3), 1).allLayers())
                .isEqualTo(first);
    }

    @Test
    void a_layer_with_an_outlier_is_found_and_stays_in_float() throws Exception {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        byte[] model = withOutlier(random(config), "Conv2.conv.0");
        var quantisation = new Quantisation(model, config, inputs(config, 2), 1);
        Map<String, Double> sensitivity = quantisation.sensitivity();
        List<String> worst = List.copyOf(sensitivity.keySet()).subList(0, 2);
        assertThat(worst).containsExactlyInAnyOrder("Conv2.conv.0", "Conv2.conv.3");

        CalibrationInput probe = inputs(config, 1).get(0);
        float[] expected = logits(model, config, probe);
        AtomicInteger calls = new AtomicInteger();
        var result = quantisation.keepingScore(0.1, bytes -> {
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
    void if_nothing_is_lost_no_layer_stays_in_float() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        var result = new Quantisation(random(config), config, inputs(config, 1), 1).keepingScore(0.005, bytes -> 0.9);
        assertThat(result.keptInFloat()).isEmpty();
        assertThat(result.score()).isEqualTo(result.floatScore());
    }

    @Test
    void a_network_that_cannot_be_quantised_is_refused() {
        NetworkConfig config = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(8, 16));
        byte[] model = random(config);
        assertThatThrownBy(() -> new Quantisation(model, config, List.of(), 1).allLayers())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("calibration");
        assertThatThrownBy(() -> new Quantisation(new byte[] {1, 2, 3}, config, inputs(config, 1), 1).allLayers())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no ONNX model");
        float[] broken = new float[64];
        broken[7] = Float.NaN;
        List<CalibrationInput> inputs = List.of(new CalibrationInput(broken, 8, 8));
        assertThatThrownBy(() -> new Quantisation(model, config, inputs, 1).allLayers())
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
