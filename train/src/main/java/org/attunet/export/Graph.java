package org.attunet.export;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.AttributeProto.AttributeType;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.OperatorSetIdProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TensorShapeProto;
import org.attunet.export.proto.TypeProto;
import org.attunet.export.proto.ValueInfoProto;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph that grows operator by operator (ONNX operators, opset 17). Each method adds one and returns the name of
 * its result, which is the operator's own name.
 *
 * <p>Maps are (B, C, [D,] H, W); the dimension is fixed when the graph is made.
 */
final class Graph {
    static final int OPSET = 17;
    private static final int IR_VERSION = 8;
    private static final List<String> SPACE = List.of("z", "y", "x");

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final int dimension;

    Graph(String name, int dimension) {
        this.dimension = dimension;
        graph.setName(name);
    }

    int dimension() {
        return dimension;
    }

    /** Declares the input: batch and space of any size. */
    String input(String name, int channels) {
        graph.addInput(value(name, channels, ""));
        return name;
    }

    /**
     * Gives a result out under a name of its own.
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
        List<String> inputs = new ArrayList<>(List.of(x, initializer(name + ".weight", weight)));
        if (bias != null) {
            inputs.add(initializer(name + ".bias", Values.of(bias)));
        }
        int kernel = (int) weight.shape()[2];
        return node(
                "Conv",
                name,
                inputs,
                ints("kernel_shape", all(dimension, kernel)),
                ints("strides", all(dimension, stride)),
                ints("pads", all(2 * dimension, padding)));
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
                List.of(x, initializer(name + ".weight", weight), initializer(name + ".bias", Values.of(bias))),
                ints("kernel_shape", all(dimension, 2)),
                ints("strides", all(dimension, 2)));
    }

    /** In 2D: (B, 4 C, H, W) to (B, C, 2H, 2W), the four maps of a channel interleaved. */
    String depthToSpace(String name, String x) {
        AttributeProto mode = AttributeProto.newBuilder()
                .setName("mode")
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8("CRD"))
                .build();
        return node("DepthToSpace", name, List.of(x), integer("blocksize", 2), mode);
    }

    /** Instance normalisation with PyTorch's epsilon. */
    String instanceNorm(String name, String x, float[] scale, float[] shift) {
        AttributeProto epsilon = AttributeProto.newBuilder()
                .setName("epsilon")
                .setType(AttributeType.FLOAT)
                .setF(1e-5f)
                .build();
        return node(
                "InstanceNormalization",
                name,
                List.of(
                        x,
                        initializer(name + ".weight", Values.of(scale)),
                        initializer(name + ".bias", Values.of(shift))),
                epsilon);
    }

    String relu(String name, String x) {
        return node("Relu", name, List.of(x));
    }

    String sigmoid(String name, String x) {
        return node("Sigmoid", name, List.of(x));
    }

    String add(String name, String a, String b) {
        return node("Add", name, List.of(a, b));
    }

    String mul(String name, String a, String b) {
        return node("Mul", name, List.of(a, b));
    }

    /** The product of the last two axes with a matrix. */
    String matMul(String name, String x, Values matrix) {
        return node("MatMul", name, List.of(x, initializer(name + ".matrix", matrix)));
    }

    /** Joins maps along the channels. */
    String concat(String name, List<String> maps) {
        return node("Concat", name, maps, integer("axis", 1));
    }

    /** Largest value in each block of 2 voxels a side. */
    String maxPool(String name, String x) {
        return node(
                "MaxPool",
                name,
                List.of(x),
                ints("kernel_shape", all(dimension, 2)),
                ints("strides", all(dimension, 2)));
    }

    /** Multiplies each spatial size by repeating values. */
    String nearest(String name, String x, int factor) {
        return resize(name, x, factor, "nearest", "asymmetric");
    }

    /** Multiplies each spatial size by linear interpolation between the voxels' centres. */
    String linear(String name, String x, int factor) {
        return factor == 1 ? x : resize(name, x, factor, "linear", "half_pixel");
    }

    private String resize(String name, String x, int factor, String mode, String coordinates) {
        float[] scales = new float[dimension + 2];
        Arrays.fill(scales, factor);
        scales[0] = 1;
        scales[1] = 1;
        String scale = initializer(name + ".scales", Values.of(scales));
        return node(
                "Resize",
                name,
                List.of(x, "", scale),
                string("mode", mode),
                string("coordinate_transformation_mode", coordinates),
                string("nearest_mode", "floor"));
    }

    /** The whole as a model. */
    ModelProto model() {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("attunet")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph)
                .build();
    }

    private String node(String type, String name, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(type)
                .setName(name)
                .addAllInput(inputs)
                .addOutput(name)
                .addAllAttribute(List.of(attributes)));
        return name;
    }

    private String initializer(String name, Values values) {
        graph.addInitializer(tensor(name, values));
        return name;
    }

    private static TensorProto tensor(String name, Values values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, values.values().length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values.values());
        var tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(bytes));
        for (long size : values.shape()) {
            tensor.addDims(size);
        }
        return tensor.build();
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

    private static AttributeProto ints(String name, long... values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto string(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
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
