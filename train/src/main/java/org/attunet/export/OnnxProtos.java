package org.attunet.export;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.AttributeProto.AttributeType;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TensorProto.DataType;

/** Converts Java values to the messages of an ONNX file and back. */
final class OnnxProtos {
    private OnnxProtos() {}

    /** An operator with one result, which has the operator's name. */
    static NodeProto node(String type, String name, List<String> inputs, AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setOpType(type)
                .setName(name)
                .addAllInput(inputs)
                .addOutput(name)
                .addAllAttribute(List.of(attributes))
                .build();
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto integers(String name, long... values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    /** A constant of float32; a scalar if there are no sizes. */
    static TensorProto floats(String name, float[] values, long... sizes) {
        ByteBuffer bytes = little(4, values.length);
        bytes.asFloatBuffer().put(values);
        return tensor(name, DataType.FLOAT, bytes, sizes);
    }

    /** A constant of int32. */
    static TensorProto ints(String name, int[] values, long... sizes) {
        ByteBuffer bytes = little(4, values.length);
        bytes.asIntBuffer().put(values);
        return tensor(name, DataType.INT32, bytes, sizes);
    }

    /** A constant vector of int64. */
    static TensorProto longs(String name, long... values) {
        ByteBuffer bytes = little(8, values.length);
        bytes.asLongBuffer().put(values);
        return tensor(name, DataType.INT64, bytes, values.length);
    }

    /** A constant of int8 or uint8. */
    static TensorProto bytes(String name, DataType type, byte[] values, long... sizes) {
        return tensor(name, type, ByteBuffer.wrap(values), sizes);
    }

    /** The values of a constant of float32, last axis fastest. */
    static float[] floats(TensorProto tensor) {
        var buffer = tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static ByteBuffer little(int width, int values) {
        return ByteBuffer.allocate(Math.multiplyExact(width, values)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static TensorProto tensor(String name, DataType type, ByteBuffer bytes, long... sizes) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(bytes))
                .addAllDims(Arrays.stream(sizes).boxed().toList())
                .build();
    }
}
