package org.attunet.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.attunet.bundle.OnnxGraph.Named;
import org.attunet.bundle.ProtoFields.Field;
import org.jspecify.annotations.Nullable;

/**
 * The values of a constant of an ONNX graph, of 32-bit floats or 64-bit integers as they lie in the file.
 *
 * @param sizes of its axes; none for a single value
 * @param raw its values, little endian, last axis fastest
 */
record OnnxTensor(int type, long[] sizes, ByteBuffer raw) {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int SIZES = 1;
    private static final int TYPE = 2;
    private static final int RAW = 9;

    /** Zeros of fewer than 2^29 places. */
    static OnnxTensor floats(long... sizes) {
        return new OnnxTensor(FLOAT, sizes, little(Math.toIntExact(4 * count(sizes))));
    }

    static OnnxTensor single(double value) {
        OnnxTensor single = floats();
        single.raw.putFloat(0, (float) value);
        return single;
    }

    static OnnxTensor longs(long... values) {
        OnnxTensor vector = new OnnxTensor(INT64, new long[] {values.length}, little(8 * values.length));
        vector.raw.asLongBuffer().put(values);
        return vector;
    }

    /** Reads a constant of a file; null if its values don't lie in it as they are in memory. */
    static @Nullable OnnxTensor of(Named constant) {
        long[] sizes = constant.numbers(SIZES);
        for (Field field : constant.other().copied()) {
            if (field.number() == RAW) {
                ByteBuffer raw = ByteBuffer.wrap(field.bytes(), field.from(), field.to() - field.from())
                        .slice()
                        .order(ByteOrder.LITTLE_ENDIAN);
                return new OnnxTensor((int) constant.number(TYPE), sizes, raw);
            }
        }
        return null;
    }

    /** This tensor as a constant of a graph. */
    Named named(String name) {
        ProtoMessage message = new ProtoMessage();
        for (long size : sizes) {
            message.number(SIZES, size);
        }
        byte[] bytes = new byte[raw.remaining()];
        raw.get(raw.position(), bytes);
        return new Named(name, OnnxGraph.TENSOR_NAME, message.number(TYPE, type).bytes(RAW, bytes));
    }

    /** Whether it has a 32-bit float for each of its places. */
    boolean isFloats() {
        return type == FLOAT && raw.remaining() == 4 * count(sizes);
    }

    /** The number of places; -1 if there are 2^31 or more. */
    private static long count(long[] sizes) {
        long count = 1;
        for (long size : sizes) {
            if (size < 0 || size > Integer.MAX_VALUE || count * size > Integer.MAX_VALUE) {
                return -1;
            }
            count *= size;
        }
        return count;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
