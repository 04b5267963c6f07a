package org.attunet.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.attunet.error.ConfigException;

/**
 * One named tensor's content: a number format, a shape in tensor order (slowest axis first) and the elements, row-major.
 *
 * <p>Immutable, so safe for any number of threads. Two weights are equal when format, shape and every bit are equal.
 */
public final class Weight {
    private final DType dtype;
    private final long[] shape;
    private final byte[] bytes;

    /** Takes the array over: the caller does not write to it again. */
    private Weight(DType dtype, long[] shape, byte[] bytes) {
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    /**
     * Elements in single precision.
     *
     * @param shape tensor order; none for a scalar
     */
    public static Weight of(float[] values, long... shape) {
        byte[] bytes = allocate(values.length, Float.BYTES, shape);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        return new Weight(DType.F32, shape.clone(), bytes);
    }

    /** Whole numbers of 64 bits. */
    public static Weight ofLongs(long[] values, long... shape) {
        byte[] bytes = allocate(values.length, Long.BYTES, shape);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
        return new Weight(DType.I64, shape.clone(), bytes);
    }

    /**
     * Elements rounded to half precision, to the nearest and of two as near to the even one.
     *
     * @param name for messages
     * @throws ConfigException where a finite value is beyond half precision's greatest, 65,504
     */
    public static Weight ofHalves(String name, float[] values, long... shape) {
        byte[] bytes = allocate(values.length, Short.BYTES, shape);
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            short half = toHalf(value);
            if (Float.isInfinite(half(half)) && !Float.isInfinite(value)) {
                throw new ConfigException(name, value, "values within half precision's range of 65504");
            }
            out.putShort(half);
        }
        return new Weight(DType.F16, shape.clone(), bytes);
    }

    /** Raw little-endian elements, copied. */
    public static Weight ofBytes(DType dtype, byte[] bytes, long... shape) {
        requireCount(bytes.length, dtype.bytes(), shape);
        return new Weight(dtype, shape.clone(), bytes.clone());
    }

    /** The same without a copy, for the readers of this package, which have checked the size. */
    static Weight wrap(DType dtype, long[] shape, byte[] bytes) {
        return new Weight(dtype, shape, bytes);
    }

    private static byte[] allocate(int count, int size, long[] shape) {
        long bytes = (long) count * size;
        requireCount(bytes, size, shape);
        if (bytes > CheckedFile.MAX_PIECE) {
            throw new ConfigException("shape", Shapes.text(shape), "at most " + CheckedFile.MAX_PIECE + " bytes");
        }
        return new byte[(int) bytes];
    }

    private static void requireCount(long bytes, int size, long[] shape) {
        long wanted = Shapes.elements(shape);
        if (wanted < 0 || wanted > Integer.MAX_VALUE || wanted * size != bytes) {
            throw new ConfigException("shape", Shapes.text(shape), "sizes whose product is " + bytes / size);
        }
    }

    /** The number format. */
    public DType dtype() {
        return dtype;
    }

    /** The sizes in tensor order, as a copy; empty for a scalar. */
    public long[] shape() {
        return shape.clone();
    }

    /** The number of elements. */
    public int elements() {
        return bytes.length / dtype.bytes();
    }

    /** The elements as they are stored: read-only, little-endian, positioned at the first. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes the elements as they are stored. */
    void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    /** The elements in single precision, whatever their format: doubles and large whole numbers are rounded. */
    public float[] floats() {
        ByteBuffer in = bytes();
        float[] out = new float[elements()];
        if (dtype == DType.F32) {
            in.asFloatBuffer().get(out);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = switch (dtype) {
                case F32 -> in.getFloat();
                case F64 -> (float) in.getDouble();
                case F16 -> half(in.getShort());
                case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
                case I64, I32, I16, I8, U8, BOOL -> (float) whole(in);
            };
        }
        return out;
    }

    /**
     * The elements as whole numbers.
     *
     * @throws ConfigException for a format with fractions
     */
    public long[] longs() {
        if (dtype.floating()) {
            throw new ConfigException("dtype", dtype, "a whole-number format");
        }
        ByteBuffer in = bytes();
        long[] out = new long[elements()];
        for (int i = 0; i < out.length; i++) {
            out[i] = whole(in);
        }
        return out;
    }

    private long whole(ByteBuffer in) {
        return switch (dtype) {
            case I64 -> in.getLong();
            case I32 -> in.getInt();
            case I16 -> in.getShort();
            case I8 -> in.get();
            case U8 -> in.get() & 0xff;
            case BOOL -> in.get() == 0 ? 0 : 1;
            case F32, F64, F16, BF16 -> throw new IllegalStateException("not a whole-number format: " + dtype);
        };
    }

    /** Widens half precision exactly: IEEE 754-2008, section 3.4, binary16 to binary32. */
    static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** Rounds to half precision, to nearest, ties to even: IEEE 754-2008, section 4.3.1. */
    static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        if (magnitude > 0x7f80_0000) {
            return (short) (sign | 0x7e00); // not a number
        }
        if (magnitude >= 0x4780_0000) {
            return (short) (sign | 0x7c00); // 65,536 and above
        }
        if (magnitude < 0x3880_0000) {
            // Below 2^-14 the steps are 2^-24: scaled to whole numbers, which rint rounds as wanted.
            return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
        }
        int odd = magnitude >>> 13 & 1;
        return (short) (sign | (magnitude + 0xfff + odd - (112 << 23)) >>> 13);
    }

    /** Whether the shape is this one. */
    boolean hasShape(long[] other) {
        return Arrays.equals(shape, other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Weight that
                && dtype == that.dtype
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * dtype.hashCode() + Arrays.hashCode(shape)) + Arrays.hashCode(bytes);
    }

    /** Format and shape, as in {@code F32 (64, 3, 3, 3)}. */
    @Override
    public String toString() {
        return dtype + " " + Shapes.text(shape);
    }
}
