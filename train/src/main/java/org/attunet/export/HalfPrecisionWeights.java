package org.attunet.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.AttributeProto.AttributeType;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;

/**
 * Weights stored in half precision, at half the size, and computed with in single precision as before.
 *
 * <p>In an ONNX file each large tensor becomes a half-precision one and a {@code Cast}, which runtimes carry out once,
 * when the model is loaded. Weights keep 11 bits of their fraction; those beyond 65,504 would become infinite and are
 * refused.
 */
final class HalfPrecisionWeights {
    /** Below so many numbers a tensor isn't worth an operator. */
    private static final int SMALLEST = 256;

    private HalfPrecisionWeights() {}

    /** The model with its large float tensors in half precision; the names of what it computes stay. */
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
            int numbers = tensor.getRawData().size() / Float.BYTES;
            if (tensor.getDataType() != float32 || numbers < SMALLEST) {
                result.addInitializer(tensor);
                continue;
            }
            String stored = tensor.getName() + "_half";
            result.addInitializer(tensor.toBuilder()
                    .setName(stored)
                    .setDataType(TensorProto.DataType.FLOAT16_VALUE)
                    .setRawData(halved(tensor.getName(), tensor.getRawData())));
            result.addNode(NodeProto.newBuilder()
                    .setOpType("Cast")
                    .setName(tensor.getName() + "_widened")
                    .addInput(stored)
                    .addOutput(tensor.getName())
                    .addAttribute(AttributeProto.newBuilder()
                            .setName("to")
                            .setType(AttributeType.INT)
                            .setI(float32)));
        }
        return result.addAllNode(graph.getNodeList()).build();
    }

    private static ByteString halved(String name, ByteString floats) {
        ByteBuffer in = floats.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[in.remaining() / Float.BYTES];
        in.asFloatBuffer().get(values);
        return ByteString.copyFrom(Weight.ofHalves(name, values, values.length).bytes());
    }

    /** The weights with their float tensors in half precision. */
    static StateDict of(StateDict weights) {
        Map<String, Weight> halves = new LinkedHashMap<>();
        weights.weights()
                .forEach((name, weight) -> halves.put(
                        name,
                        weight.dtype().floating() ? Weight.ofHalves(name, weight.floats(), weight.shape()) : weight));
        return new StateDict(halves);
    }
}
