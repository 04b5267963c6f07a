package org.attunet.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.attunet.error.ConfigException;
import org.attunet.io.HalfPrecision;

/**
 * The content of one tensor of a network: number format, shape in tensor order (slowest axis first) and row-major
 * elements.
 *
 * <p>Immutable, so safe for any number of threads. Two weights are equal if format, shape and every bit are equal.
 */
public final class Weight {
    private final DType dtype;
    private final long[] shape;
    private final byte[] bytes;

    private Weight(DType dtype, long[] shape, byte[] bytes) {
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    /**
     * A weight in single precision.
     *
     * @param shape in tensor order; none for a scalar
     */
    public static Weight of(float[] values, long... shape) {
        byte[] bytes = allocate(values.length, DType.F32, shape);
        littleEndian(bytes).asFloatBuffer().put(values);
        return new Weight(DType.F32, shape.clone(), bytes);
    }

    /** A weight of 64-bit integers. */
    public static Weight ofLongs(long[] values, long... shape) {
        byte[] bytes = allocate(values.length, DType.I64, shape);
        littleEndian(bytes).asLongBuffer().put(values);
        return new Weight(DType.I64, shape.clone(), bytes);
    }

    /**
     * A weight in half precision, rounded to nearest, ties to even.
     *
     * @param name for messages
     * @throws ConfigException if a finite value rounds beyond half precision's largest, 65,504
     */
    public static Weight ofHalves(String name, float[] values, long... shape) {
        byte[] bytes = allocate(values.length, DType.F16, shape);
        ByteBuffer out = littleEndian(bytes);
        for (float value : values) {
            short half = HalfPrecision.encode(value);
            if (Float.isInfinite(HalfPrecision.decode(half)) && !Float.isInfinite(value)) {
                throw new ConfigException(name, value, "values within half precision's range of 65504");
            }
            out.putShort(half);
        }
        return new Weight(DType.F16, shape.clone(), bytes);
    }

    /** A weight from little-endian elements, which are copied. */
    public static Weight ofBytes(DType dtype, byte[] bytes, long... shape) {
        requireCount(bytes.length, dtype.bytes(), shape);
        return new Weight(dtype, shape.clone(), bytes.clone());
    }

    /** The same without copy or check, for this package's readers, which have checked the size. */
    static Weight wrap(DType dtype, long[] shape, byte[] bytes) {
        return new Weight(dtype, shape, bytes);
    }

    private static byte[] allocate(int count, DType dtype, long[] shape) {
        long bytes = (long) count * dtype.bytes();
        requireCount(bytes, dtype.bytes(), shape);
        if (bytes > CheckedFile.MAX_ARRAY) {
            throw new ConfigException("shape", Shapes.text(shape), "at most " + CheckedFile.MAX_ARRAY + " bytes");
        }
        return new byte[(int) bytes];
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void requireCount(long bytes, int size, long[] shape) {
        long expected = Shapes.elements(shape);
        if (expected < 0 || expected > Integer.MAX_VALUE || expected * size != bytes) {
            throw new ConfigException("shape", Shapes.text(shape), "sizes whose product is " + bytes / size);
        }
    }

    /** The number format. */
    public DType dtype() {
        return dtype;
    }

    /** A copy of the shape in tensor order; empty for a scalar. */
    public long[] shape() {
        return shape.clone();
    }

    /** Whether this is the shape. */
    boolean hasShape(long[] other) {
        return Arrays.equals(shape, other);
    }

    /** The number of elements. */
    public int elements() {
        return bytes.length / dtype.bytes();
    }

    /** The elements as a read-only, little-endian buffer positioned at the first. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes the little-endian elements. */
    void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    /** The elements in single precision, whatever their format; doubles and large integers are rounded. */
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
                case F16 -> HalfPrecision.decode(in.getShort());
                case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
                case I64, I32, I16, I8, U8, BOOL -> (float) nextInteger(in);
            };
        }
        return out;
    }

    /**
     * The elements as integers.
     *
     * @throws ConfigException if the format is a floating-point one
     */
    public long[] longs() {
        if (dtype.floating()) {
            throw new ConfigException("dtype", dtype, "a whole-number format");
        }
        ByteBuffer in = bytes();
        long[] out = new long[elements()];
        Arrays.setAll(out, i -> nextInteger(in));
        return out;
    }

    private long nextInteger(ByteBuffer in) {
        return switch (dtype) {
            case I64 -> in.getLong();
            case I32 -> in.getInt();
            case I16 -> in.getShort();
            case I8 -> in.get();
            case U8 -> in.get() & 0xff;
            case BOOL -> in.get() == 0 ? 0 : 1;
            case F32, F64, F16, BF16 -> throw new IllegalStateException("not an integer format: " + dtype);
        };
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
