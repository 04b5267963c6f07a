package org.attunet.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.OperatorSetIdProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TensorShapeProto;
import org.attunet.export.proto.TypeProto;
import org.attunet.export.proto.ValueInfoProto;
import org.attunet.network.ConvNorm;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph under construction (ONNX operators, opset 13). Each method adds one operator and returns the name of its
 * result, which is the operator's own name: the layer's, or the first operand's with the kind of the operator.
 *
 * <p>Maps are (B, C, [D,] H, W); the dimension is fixed when the graph is made.
 */
final class Graph {
    static final int OPSET = 13; // with this format, what ONNX Runtime 1.8 reads
    private static final int IR_VERSION = 7;
    private static final List<String> SPACE = List.of("z", "y", "x");

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Set<String> names = new HashSet<>();
    private final int dimension;

    Graph(String name, int dimension) {
        this.dimension = dimension;
        graph.setName(name);
    }

    /** Declares the input: batch and space of any size. */
    String input(String name, int channels) {
        graph.addInput(value(name, channels, ""));
        return name;
    }

    /**
     * Makes a result an output with a name of its own.
     *
     * @param inputSize whether its spatial size is the input's
     */
    void output(String name, String of, int channels, boolean inputSize) {
        node("Identity", name, List.of(of));
        graph.addOutput(value(name, channels, inputSize ? "" : name + "_"));
    }

    /**
     * A convolution.
     *
     * @param weight (out, in, k...)
     * @param bias (out), or null
     */
    String conv(String name, String x, Values weight, float @Nullable [] bias, int stride, int padding) {
        List<String> inputs = new ArrayList<>(List.of(x, constant(name + ".weight", weight)));
        if (bias != null) {
            inputs.add(constant(name + ".bias", Values.of(bias)));
        }
        return node(
                "Conv",
                name,
                inputs,
                OnnxProtos.integers("kernel_shape", all(dimension, weight.shape()[2])),
                OnnxProtos.integers("strides", all(dimension, stride)),
                OnnxProtos.integers("pads", all(2 * dimension, padding)));
    }

    /**
     * A transposed convolution with kernel 2 and stride 2.
     *
     * @param weight (in, out, 2...)
     */
    String convTranspose(String name, String x, Values weight, float[] bias) {
        return node(
                "ConvTranspose",
                name,
                List.of(x, constant(name + ".weight", weight), constant(name + ".bias", Values.of(bias))),
                OnnxProtos.integers("kernel_shape", all(dimension, 2)),
                OnnxProtos.integers("strides", all(dimension, 2)));
    }

    /** Instance normalisation. */
    String instanceNorm(String name, String x, float[] scale, float[] shift) {
        List<String> inputs =
                List.of(x, constant(name + ".weight", Values.of(scale)), constant(name + ".bias", Values.of(shift)));
        return node("InstanceNormalization", name, inputs, OnnxProtos.real("epsilon", (float) ConvNorm.EPSILON));
    }

    String relu(String x) {
        return node("Relu", x + ".relu", List.of(x));
    }

    String sigmoid(String x) {
        return node("Sigmoid", x + ".sigmoid", List.of(x));
    }

    String add(String a, String b) {
        return node("Add", a + ".add", List.of(a, b));
    }

    String mul(String a, String b) {
        return node("Mul", a + ".mul", List.of(a, b));
    }

    /** The product of the last two axes with a matrix. */
    String matMul(String name, String x, Values matrix) {
        return node("MatMul", name, List.of(x, constant(name + ".matrix", matrix)));
    }

    /** Joins maps along the channels. */
    String concat(List<String> maps) {
        return node("Concat", maps.get(0) + ".concat", maps, OnnxProtos.integer("axis", 1));
    }

    /** Largest value in each block of 2 voxels a side. */
    String maxPool(String x) {
        return node(
                "MaxPool",
                x + ".pool",
                List.of(x),
                OnnxProtos.integers("kernel_shape", all(dimension, 2)),
                OnnxProtos.integers("strides", all(dimension, 2)));
    }

    /** Multiplies each spatial size by repeating values. */
    String nearest(String x, int factor) {
        return resize(x, factor, "nearest", "asymmetric");
    }

    /** Multiplies each spatial size by linear interpolation between the voxels' centres. */
    String linear(String x, int factor) {
        return resize(x, factor, "linear", "half_pixel");
    }

    private String resize(String x, int factor, String mode, String coordinates) {
        String name = fresh(x + ".resize");
        float[] scales = new float[dimension + 2];
        Arrays.fill(scales, 2, scales.length, factor);
        scales[0] = 1;
        scales[1] = 1;
        return node(
                "Resize",
                name,
                List.of(x, "", constant(name + ".scales", Values.of(scales))),
                OnnxProtos.text("mode", mode),
                OnnxProtos.text("coordinate_transformation_mode", coordinates),
                OnnxProtos.text("nearest_mode", "floor"));
    }

    /** The graph as a model. */
    ModelProto model() {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("attunet")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph)
                .build();
    }

    private String node(String type, String wanted, List<String> inputs, AttributeProto... attributes) {
        String name = fresh(wanted);
        names.add(name);
        graph.addNode(OnnxProtos.node(type, name, inputs, attributes));
        return name;
    }

    /** A name that no operator has yet. */
    private String fresh(String wanted) {
        String name = wanted;
        for (int k = 2; names.contains(name); k++) {
            name = wanted + k;
        }
        return name;
    }

    private String constant(String name, Values values) {
        graph.addInitializer(OnnxProtos.floats(name, values.values(), values.shape()));
        return name;
    }

    private ValueInfoProto value(String name, int channels, String prefix) {
        var shape = TensorShapeProto.newBuilder();
        shape.addDimBuilder().setDimParam("batch");
        shape.addDimBuilder().setDimValue(channels);
        for (String axis : SPACE.subList(3 - dimension, 3)) {
            shape.addDimBuilder().setDimParam(prefix + axis);
        }
        var tensor = TypeProto.Tensor.newBuilder()
                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                .setShape(shape);
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    private static long[] all(int count, long value) {
        long[] values = new long[count];
        Arrays.fill(values, value);
        return values;
    }

    /**
     * Numbers and their shape.
     *
     * @param values as many as the shape says, last axis fastest
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Values(float[] values, long... shape) {
        static Values of(float[] vector) {
            return new Values(vector, vector.length);
        }
    }
}
