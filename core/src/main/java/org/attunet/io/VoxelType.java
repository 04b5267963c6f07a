package org.attunet.io;

import java.nio.ByteBuffer;

/** The binary number types of array files. */
enum VoxelType {
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    U32(4),
    I32(4),
    U64(8),
    I64(8),
    F16(2),
    F32(4),
    F64(8);

    private final int bytes;

    VoxelType(int bytes) {
        this.bytes = bytes;
    }

    /** The bytes of one number. */
    int bytes() {
        return bytes;
    }

    /** Decodes {@code count} numbers from the position of a buffer, which stays, in its byte order. */
    void decode(ByteBuffer in, double[] out, int count) {
        int at = in.position();
        for (int i = 0; i < count; i++, at += bytes) {
            out[i] = switch (this) {
                case U8 -> in.get(at) & 0xff;
                case I8 -> in.get(at);
                case U16 -> in.getShort(at) & 0xffff;
                case I16 -> in.getShort(at);
                case U32 -> in.getInt(at) & 0xffffffffL;
                case I32 -> in.getInt(at);
                case U64 -> unsigned(in.getLong(at));
                case I64 -> in.getLong(at);
                case F16 -> HalfPrecision.decode(in.getShort(at));
                case F32 -> in.getFloat(at);
                case F64 -> in.getDouble(at);
            };
        }
    }

    private static double unsigned(long v) {
        return v >= 0 ? v : ((v >>> 1) | (v & 1)) * 2.0;
    }
}
