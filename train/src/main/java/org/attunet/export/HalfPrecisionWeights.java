package org.attunet.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;

/**
 * Stores weights in half precision, which halves their size; computation stays in single precision.
 *
 * <p>In an ONNX file each large tensor becomes a half-precision one and a {@code Cast}, which runtimes evaluate once when
 * the model is loaded. Weights keep 11 significant bits; those beyond 65,504 would become infinite and are refused.
 */
final class HalfPrecisionWeights {
    /** Tensors with fewer values stay as they are: they aren't worth an operator. */
    private static final int FEWEST_VALUES = 256;

    private HalfPrecisionWeights() {}

    /** Returns the model with its large float tensors in half precision; the names of computed tensors stay. */
    static byte[] of(byte[] onnx) {
        try {
            ModelProto model = ModelProto.parseFrom(onnx);
            return model.toBuilder().setGraph(halved(model.getGraph())).build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("no ONNX model", e);
        }
    }

    private static GraphProto halved(GraphProto graph) {
        GraphProto.Builder result = graph.toBuilder().clearInitializer().clearNode();
        int float32 = TensorProto.DataType.FLOAT_VALUE;
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataType() != float32 || tensor.getRawData().size() / Float.BYTES < FEWEST_VALUES) {
                result.addInitializer(tensor);
                continue;
            }
            String name = tensor.getName();
            float[] values = OnnxProtos.floats(tensor);
            result.addInitializer(tensor.toBuilder()
                    .setName(name + "_half")
                    .setDataType(TensorProto.DataType.FLOAT16_VALUE)
                    .setRawData(ByteString.copyFrom(
                            Weight.ofHalves(name, values, values.length).bytes())));
            result.addNode(NodeProto.newBuilder()
                    .setOpType("Cast")
                    .setName(name + "_widened")
                    .addInput(name + "_half")
                    .addOutput(name)
                    .addAttribute(OnnxProtos.integer("to", float32)));
        }
        return result.addAllNode(graph.getNodeList()).build();
    }

    /** Returns the weights with their float tensors in half precision. */
    static StateDict of(StateDict weights) {
        Map<String, Weight> halves = new LinkedHashMap<>(weights.weights());
        halves.replaceAll((name, weight) ->
                weight.dtype().floating() ? Weight.ofHalves(name, weight.floats(), weight.shape()) : weight);
        return new StateDict(halves);
    }
}
