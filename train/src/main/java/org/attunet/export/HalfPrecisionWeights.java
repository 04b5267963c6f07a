package org.attunet.export;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.weights.DType;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;

/**
 * Rounds weights to half precision, which halves a packed bundle; computation stays in single precision. Weights keep 11
 * significant bits; those beyond 65,504 would become infinite and are refused.
 *
 * <p>An ONNX file keeps 32-bit tensors, because not all programs read others; half of their bits are zero, which packing
 * removes.
 */
final class HalfPrecisionWeights {
    /** Tensors with fewer values stay as they are. */
    private static final int FEWEST_VALUES = 256;

    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    private static final String WIDENED = "_widened";

    private HalfPrecisionWeights() {}

    /** Returns the model with its large float tensors rounded to half precision. */
    static byte[] of(byte[] onnx) {
        return changed(onnx, graph -> {
            for (int k = 0; k < graph.getInitializerCount(); k++) {
                TensorProto tensor = graph.getInitializer(k);
                if (tensor.getDataType() == FLOAT && tensor.getRawData().size() / Float.BYTES >= FEWEST_VALUES) {
                    float[] values = OnnxProtos.floats(tensor);
                    Weight halves = Weight.ofHalves(tensor.getName(), values, values.length);
                    graph.setInitializer(k, OnnxProtos.floats(tensor.getName(), halves.floats(), sizes(tensor)));
                }
            }
        });
    }

    /**
     * Returns a model of an older version, which stored half-precision tensors and a {@code Cast} for each, with 32-bit
     * tensors of the same values.
     */
    static byte[] widened(byte[] onnx) {
        return changed(onnx, graph -> {
            Map<String, String> widened = new HashMap<>(); // the results of casts by the names of the tensors
            List<NodeProto> others = new ArrayList<>();
            for (NodeProto node : graph.getNodeList()) {
                if (node.getOpType().equals("Cast") && node.getName().endsWith(WIDENED)) {
                    widened.put(node.getInput(0), node.getOutput(0));
                } else {
                    others.add(node);
                }
            }
            graph.clearNode().addAllNode(others);
            for (int k = 0; k < graph.getInitializerCount(); k++) {
                TensorProto tensor = graph.getInitializer(k);
                String name = widened.get(tensor.getName());
                if (name != null) {
                    Weight halves = Weight.ofBytes(
                            DType.F16,
                            tensor.getRawData().toByteArray(),
                            tensor.getRawData().size() / 2);
                    graph.setInitializer(k, OnnxProtos.floats(name, halves.floats(), sizes(tensor)));
                }
            }
        });
    }

    private static byte[] changed(byte[] onnx, Consumer<GraphProto.Builder> change) {
        try {
            ModelProto.Builder model = ModelProto.parseFrom(onnx).toBuilder();
            change.accept(model.getGraphBuilder());
            return model.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("no ONNX model", e);
        }
    }

    private static long[] sizes(TensorProto tensor) {
        return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns the weights with their float tensors in half precision. */
    static StateDict of(StateDict weights) {
        Map<String, Weight> halves = new LinkedHashMap<>(weights.weights());
        halves.replaceAll((name, weight) ->
                weight.dtype().floating() ? Weight.ofHalves(name, weight.floats(), weight.shape()) : weight);
        return new StateDict(halves);
    }
}
