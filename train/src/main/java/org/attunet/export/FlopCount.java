package org.attunet.export;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;

/** How much arithmetic a network is: what its speed is to be seen against. */
public final class FlopCount {
    private final ModelProto model;
    private final Map<String, TensorProto> weights = new HashMap<>();
    private final Map<String, Double> voxels = new HashMap<>();
    private final int dimension;

    private FlopCount(ModelProto model) {
        this.model = model;
        dimension = model.getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDimCount()
                - 2;
        model.getGraph().getInitializerList().forEach(tensor -> weights.put(tensor.getName(), tensor));
        for (NodeProto node : model.getGraph().getNodeList()) { // what HalfStorage has put behind a cast
            TensorProto stored = weights.get(node.getInputCount() == 0 ? "" : node.getInput(0));
            if (node.getOpType().equals("Cast") && stored != null) {
                weights.put(node.getOutput(0), stored);
            }
        }
    }

    /**
     * The floating-point operations (a multiplication and an addition are two) of a network's convolutions for one block;
     * everything else in it is below one percent.
     *
     * @param onnx a file of {@link OnnxExport}
     * @param size the block's (x, y[, z])
     */
    public static double of(byte[] onnx, int[] size) {
        try {
            double block = 1;
            for (int n : size) {
                block *= n;
            }
            return new FlopCount(ModelProto.parseFrom(onnx)).count(block);
        } catch (InvalidProtocolBufferException e) {
            throw new AttunetException(
                    "model", "it is no ONNX file (" + e.getMessage() + ")", "an ONNX file", "export it again", e);
        }
    }

    private double count(double block) {
        voxels.put(model.getGraph().getInput(0).getName(), block);
        double operations = 0;
        for (NodeProto node : model.getGraph().getNodeList()) {
            double in = node.getInputList().stream()
                    .mapToDouble(name -> voxels.getOrDefault(name, 0.0))
                    .max()
                    .orElse(0);
            double out = in * Math.pow(factor(node), dimension);
            voxels.put(node.getOutput(0), out);
            if (node.getOpType().equals("Conv")) {
                operations += 2 * weights(node) * out;
            } else if (node.getOpType().equals("ConvTranspose")) {
                operations += 2 * weights(node) * in;
            }
        }
        return operations;
    }

    private double weights(NodeProto node) {
        return constant(node, 1).getDimsList().stream()
                .mapToDouble(Long::doubleValue)
                .reduce(1, (a, b) -> a * b);
    }

    /** By how much an operator multiplies each spatial size. */
    private double factor(NodeProto node) {
        return switch (node.getOpType()) {
            case "Conv" -> 1.0 / attribute(node, "strides").getInts(0);
            case "MaxPool" -> 0.5;
            case "ConvTranspose", "DepthToSpace" -> 2;
            case "Resize" ->
                constant(node, 2)
                        .getRawData()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat(8);
            default -> 1;
        };
    }

    private TensorProto constant(NodeProto node, int input) {
        return Objects.requireNonNull(weights.get(node.getInput(input)), node.getName());
    }

    private static AttributeProto attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A model that multiplies its input (1, 1, rows, size) with a matrix of (size, size): the machine's own limit. */
    public static byte[] matrixProduct(int size) {
        var graph = new Graph("product", 2);
        graph.input("input", 1);
        float[] values = new float[size * size];
        Arrays.fill(values, 1f / size);
        graph.output("logits", graph.matMul("product", "input", new Graph.Values(values, size, size)), 1, true);
        return graph.model().toByteArray();
    }
}
