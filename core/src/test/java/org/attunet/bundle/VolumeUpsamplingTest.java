package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

/** Transposed convolutions of volumes as other operators: ONNX Runtime computes the same with both. */
class VolumeUpsamplingTest {
    private static final long[] SHAPE = {2, 3, 3, 4, 5};

    @Test
    void other_operators_compute_the_same() throws OrtException {
        byte[] plain = network().toBytes();
        byte[] spread = spread(plain);
        float[] input = Samples.noise(2 * 3 * 60, 1);

        float[] expected = run(plain, input);

        assertThat(run(spread, input)).containsExactly(expected, Offset.offset(1e-6f));
        assertThat(OnnxGraph.of(spread).nodes)
                .extracting(OnnxGraph.Node::type)
                .doesNotContain("ConvTranspose")
                .contains("Conv", "Relu");
    }

    @Test
    void the_network_is_put_back_byte_for_byte() {
        byte[] plain = network().toBytes();
        OnnxGraph graph = OnnxGraph.of(spread(plain));
        VolumeUpsampling.gather(graph);
        assertThat(graph.toBytes()).isEqualTo(plain);
    }

    @Test
    void a_whole_model_comes_out_of_its_file_byte_for_byte() {
        Bundle hippocampus = Bundle.open(Path.of("../models/hippocampus.zip"));
        byte[] network = hippocampus.onnx(Precision.FP32);
        byte[] file = PortableModel.of(network, hippocampus.model(), 1);
        assertThat(new String(network, StandardCharsets.ISO_8859_1)).contains("ConvTranspose");
        assertThat(new String(file, StandardCharsets.ISO_8859_1)).doesNotContain("ConvTranspose");
        assertThat(PortableModel.network(file)).isEqualTo(network);
    }

    @Test
    void pictures_keep_theirs() {
        OnnxGraph graph = network();
        graph.constants.set(0, OnnxTensor.floats(3, 2, 2, 2).named("Up2.up.weight"));
        byte[] plain = graph.toBytes();
        assertThat(spread(plain)).isEqualTo(plain);
    }

    @Test
    void other_transposed_convolutions_stay() {
        OnnxGraph larger = network();
        larger.constants.set(0, OnnxTensor.floats(3, 2, 4, 4, 4).named("Up2.up.weight"));
        OnnxGraph padded = network();
        padded.nodes.set(1, padded.nodes.get(1).withAll("pads", 0, 0, 0, 1, 1, 1));
        for (OnnxGraph graph : List.of(larger, padded)) {
            byte[] plain = graph.toBytes();
            assertThat(spread(plain)).isEqualTo(plain);
        }
    }

    @Test
    void what_is_damaged_is_refused() {
        byte[] spread = spread(network().toBytes());
        List<Consumer<OnnxGraph>> damages = List.of(
                graph -> graph.constants.replaceAll(one -> one.name().endsWith(".3")
                        ? OnnxTensor.floats(2, 2, 1, 1, 1).named(one.name())
                        : one),
                graph -> graph.constants.replaceAll(
                        one -> one.name().endsWith(".3") ? OnnxTensor.longs(1).named(one.name()) : one),
                graph -> graph.constants.replaceAll(one ->
                        one.name().endsWith(".3") ? new OnnxGraph.Named(one.name(), 8, new ProtoMessage()) : one),
                graph -> graph.constants.replaceAll(
                        one -> one.name().contains(".weight.") ? nothing(one.name(), 1L << 25, 1L << 5) : one),
                graph -> graph.constants.removeIf(one -> one.name().endsWith(".7")),
                graph -> graph.nodes.removeIf(node -> node.name().endsWith(".part.0")),
                graph -> graph.nodes.removeIf(node -> node.outputs().contains("Up2.up")),
                graph -> graph.nodes.replaceAll(node -> node.name().endsWith(".turned")
                        ? new OnnxGraph.Node(node.name(), "Transpose", List.of(), node.outputs(), node.other())
                        : node),
                graph -> graph.nodes.replaceAll(node -> node.name().endsWith(".part.0")
                        ? new OnnxGraph.Node(node.name(), "Conv", List.of("a", "b"), node.outputs(), node.other())
                        : node));
        for (var damage : damages) {
            OnnxGraph graph = OnnxGraph.of(spread);
            damage.accept(graph);
            OnnxGraph damaged = OnnxGraph.of(graph.toBytes());
            assertThatThrownBy(() -> VolumeUpsampling.gather(damaged))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("is damaged");
        }
    }

    /** A weight of many maps and no values. */
    private static OnnxGraph.Named nothing(String name, long out, long in) {
        long[] sizes = {out, in, 0, 1, 1};
        return new OnnxTensor(1, sizes, OnnxTensor.longs().raw()).named(name);
    }

    /** A transposed convolution of 3 maps to 2, as attunet writes it, and an operator on either side. */
    private static OnnxGraph network() {
        OnnxGraph graph = new OnnxGraph();
        graph.inputs.add(floats("input", 3));
        graph.outputs.add(floats("logits", 2));
        OnnxTensor weight = OnnxTensor.floats(3, 2, 2, 2, 2);
        weight.raw().asFloatBuffer().put(Samples.noise(48, 1));
        OnnxTensor bias = OnnxTensor.floats(2);
        bias.raw().putFloat(0, 0.25f).putFloat(4, -2);
        graph.constants.add(weight.named("Up2.up.weight"));
        graph.constants.add(bias.named("Up2.up.bias"));
        graph.nodes.add(OnnxGraph.Node.of("Identity", "before", List.of("input"), "before"));
        graph.nodes.add(OnnxGraph.Node.of(
                        "ConvTranspose", "Up2.up", List.of("before", "Up2.up.weight", "Up2.up.bias"), "Up2.up")
                .withAll("kernel_shape", 2, 2, 2)
                .withAll("strides", 2, 2, 2));
        graph.nodes.add(OnnxGraph.Node.of("Relu", "after", List.of("Up2.up"), "logits"));
        return graph;
    }

    private static byte[] spread(byte[] network) {
        OnnxGraph graph = OnnxGraph.of(network);
        VolumeUpsampling.spread(graph);
        return graph.toBytes();
    }

    /** A tensor of float32 with the shape (batch, maps, z, y, x). */
    private static OnnxGraph.Named floats(String name, int maps) {
        ProtoMessage shape = new ProtoMessage()
                .message(1, new ProtoMessage().text(2, "batch"))
                .message(1, new ProtoMessage().number(1, maps));
        for (String axis : List.of("z", "y", "x")) {
            shape.message(1, new ProtoMessage().text(2, name + axis));
        }
        ProtoMessage tensor = new ProtoMessage().number(1, 1).message(2, shape);
        return new OnnxGraph.Named(name, 1, new ProtoMessage().message(2, new ProtoMessage().message(1, tensor)));
    }

    private static float[] run(byte[] onnx, float[] input) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(onnx);
                var tensor = ai.onnxruntime.OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), SHAPE);
                OrtSession.Result result = session.run(Map.of("input", tensor))) {
            var logits = (ai.onnxruntime.OnnxTensor) result.get(0);
            assertThat(logits.getInfo().getShape()).containsExactly(2, 2, 6, 8, 10);
            float[] values = new float[2 * 2 * 8 * 60];
            logits.getFloatBuffer().get(values);
            return values;
        }
    }
}
