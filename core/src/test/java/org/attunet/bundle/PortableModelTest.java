package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.TestRerun;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ONNX file for other programs: it holds the network, and gives with ONNX Runtime what attunet computes. */
class PortableModelTest {
    private static final int[] SIZE = {16, 8};
    private static final OnnxOptions ONE_THREAD = OnnxOptions.defaults().withThreads(1);

    @TempDir
    private Path folder;

    static Stream<Normalisation> normalisations() {
        return Stream.of(
                new Normalisation.Identity(),
                new Normalisation.ZScore(),
                new Normalisation.MinMax(),
                new Normalisation.Window(20, 180),
                new Normalisation.ClipStandardise(-50, 150, 80.5, 40),
                new Normalisation.UnitRange(0, 255),
                new Normalisation.Steps(List.of(
                        new IntensityStep.Clip(10, Double.MAX_VALUE),
                        new IntensityStep.Linear(0.25, -3),
                        new IntensityStep.Standardise(1e-6),
                        new IntensityStep.Range(0, 100, 1e-6))),
                new Normalisation.PercentileClip(1, 99));
    }

    /** The network passes its three channels on; attunet's own normalisation and softmax are computed in float64. */
    @ParameterizedTest
    @MethodSource("normalisations")
    void the_file_gives_the_probabilities_of_the_same_intensities(Normalisation normalisation) {
        ModelDescription model = model(normalisation);
        float[] input = Samples.noise(3 * 128, 255);
        java.util.Arrays.fill(input, 128, 256, 77.7f); // a constant channel
        float[] logits = TestCase.networkInput(model, input, SIZE);
        TestCase test = TestCase.of(model, input, logits, SIZE, 2.5);
        BundleContent content = BundleContent.of(model, passing(), test)
                .withSettings(new InferenceSettings(Tiling.gaussian(), 2.5, KeepLargest.NONE));

        float[] found = run(content.file(Precision.FP32), model, content.fileInput());

        assertThat(found).containsExactly(test.output().values(), Offset.offset(1e-5f));
        boolean foldable = !(normalisation instanceof Normalisation.PercentileClip)
                && !(normalisation instanceof Normalisation.Identity);
        assertThat(content.fileInput() == input || java.util.Arrays.equals(content.fileInput(), input))
                .isEqualTo(foldable || normalisation instanceof Normalisation.Identity);
    }

    @Test
    void the_network_comes_out_of_the_file_byte_for_byte() {
        for (Normalisation normalisation : normalisations().toList()) {
            byte[] file = PortableModel.of(Samples.ONNX, model(normalisation), 1.5);
            assertThat(file).isNotEqualTo(Samples.ONNX);
            assertThat(PortableModel.network(file)).isEqualTo(Samples.ONNX);
        }
    }

    /** OpenCV has no Clip; ReLUs round, which 8-bit networks enlarge. */
    @Test
    void only_networks_of_8_bits_clip() {
        OnnxGraph eight = OnnxGraph.of(passing());
        eight.nodes.add(0, OnnxGraph.Node.of("QuantizeLinear", "q", List.of("input", "zero"), "q"));
        ModelDescription model = model(new Normalisation.Window(20, 180));
        ByteArrayOutputStream raised = new ByteArrayOutputStream();
        raised.writeBytes(eight.toBytes());
        ProtoMessage version = new ProtoMessage().message(8, new ProtoMessage().number(2, 17)); // the later one counts
        raised.writeBytes(version.toBytes());
        assertThat(types(PortableModel.of(raised.toByteArray(), model, 1))).contains("Clip");
        assertThat(types(PortableModel.of(passing(), model, 1)))
                .doesNotContain("Clip")
                .contains("Relu");
    }

    private static List<String> types(byte[] file) {
        return OnnxGraph.of(file).nodes.stream().map(OnnxGraph.Node::type).toList();
    }

    @Test
    void what_is_no_model_or_not_of_attunet_is_refused() {
        byte[] text = "no model".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PortableModel.network(text)).isInstanceOf(AttunetException.class);
        assertThatThrownBy(() -> PortableModel.network(new byte[0])).isInstanceOf(AttunetException.class);
        assertThatThrownBy(() -> PortableModel.network(Samples.ONNX)).isInstanceOf(AttunetException.class);
        byte[] file = PortableModel.of(Samples.ONNX, model(new Normalisation.ZScore()), 1);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(file, length);
            assertThatThrownBy(() -> PortableModel.network(cut)).isInstanceOf(AttunetException.class);
        }
    }

    /** A bundle that the version before wrote: its files give logits, and its outputs are listed. */
    @Test
    void a_bundle_of_the_older_version_opens_and_written_again_computes_the_same() throws IOException {
        Path old = folder.resolve("old.zip");
        try (InputStream in = PortableModelTest.class.getResourceAsStream("version_1.zip")) {
            Files.write(old, in.readAllBytes());
        }
        Bundle first = Bundle.open(old);
        TestCase test = first.test().orElseThrow();
        assertThat(first.fileInput(test)).isEmpty();
        assertThat(TestRerun.of(first, test, Precision.FP32, ONE_THREAD).file()).isNull();

        BundleWriter.write(first.content(), folder.resolve("new.zip"));
        Bundle second = Bundle.open(folder.resolve("new.zip"));

        for (Precision precision : Precision.values()) {
            TestRerun rerun = TestRerun.of(second, test, precision, ONE_THREAD);
            assertThat(rerun.largest()).isLessThan(1e-6);
            assertThat(rerun.file()).isLessThan(1e-5);
            Engine.Output a = run(first, precision, test);
            Engine.Output b = run(second, precision, test);
            assertThat(b.logits()).isEqualTo(a.logits());
            assertThat(b.attention()).hasSize(1);
            assertThat(b.attention().get(0).values())
                    .isEqualTo(a.attention().get(0).values());
        }
        assertThat(OnnxGraph.of(first.file(Precision.FP32)).opset()).isEqualTo(17);
        assertThat(OnnxGraph.of(second.file(Precision.FP32)).opset()).isEqualTo(13);
        assertThat(OnnxGraph.of(second.file(Precision.FP32)).outputs)
                .extracting(OnnxGraph.Named::name)
                .containsExactly("probabilities");
        assertThat(OnnxGraph.of(second.file(Precision.FP32)).nodes)
                .extracting(OnnxGraph.Node::type)
                .doesNotContain("Identity");
    }

    @Test
    void a_file_of_countless_fields_is_refused_before_it_fills_the_memory() {
        byte[] fields = new byte[2 * (1 << 20) + 2];
        Arrays.fill(fields, (byte) 8); // field 1 with the value 8
        byte[] dimensions = new ProtoMessage()
                .message(7, new ProtoMessage().message(5, new ProtoMessage().bytes(1, new byte[(1 << 20) + 1])))
                .message(8, new ProtoMessage().number(2, 13))
                .toBytes();
        OnnxGraph.Named constant = OnnxGraph.of(dimensions).constants.get(0);
        for (ThrowingCallable reading :
                List.<ThrowingCallable>of(() -> OnnxGraph.of(fields), () -> constant.numbers(1))) {
            assertThatThrownBy(reading)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("more than 1048576 fields or numbers");
        }
    }

    private static ModelDescription model(Normalisation normalisation) {
        return ModelDescription.of(
                "passing",
                NetworkConfig.attUNet(2, 3, 3).withWidths(List.of(2, 4)),
                Preprocessing.of(3, normalisation),
                LabelSet.of(Map.of(1, "one", 2, "two")),
                SIZE);
    }

    private static byte[] passing() {
        OnnxGraph graph = new OnnxGraph();
        graph.nodes.add(OnnxGraph.Node.of("Add", "sum", List.of("input", "zero"), "logits"));
        graph.constants.add(OnnxTensor.single(0.0).named("zero"));
        graph.inputs.add(floats("input"));
        graph.outputs.add(floats("logits"));
        return graph.toBytes();
    }

    /** A tensor of float32 with the shape (batch, 3, y, x). */
    private static OnnxGraph.Named floats(String name) {
        ProtoMessage shape = new ProtoMessage()
                .message(1, new ProtoMessage().text(2, "batch"))
                .message(1, new ProtoMessage().number(1, 3))
                .message(1, new ProtoMessage().text(2, "y"))
                .message(1, new ProtoMessage().text(2, "x"));
        ProtoMessage tensor = new ProtoMessage().number(1, 1).message(2, shape);
        return new OnnxGraph.Named(name, 1, new ProtoMessage().message(2, new ProtoMessage().message(1, tensor)));
    }

    private static float[] run(byte[] onnx, ModelDescription model, float[] input) {
        try (Engine engine = OnnxEngine.open(onnx, "model", model.shape(), ONE_THREAD)) {
            return engine.run(input, 1, SIZE, false).logits();
        }
    }

    private static Engine.Output run(Bundle bundle, Precision precision, TestCase test) {
        try (Engine engine =
                OnnxEngine.open(bundle.onnx(precision), "model", bundle.model().shape(), ONE_THREAD)) {
            return engine.run(test.networkInput(bundle.model()), 1, test.size(), true);
        }
    }
}
