package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.attunet.error.Interruption;

/** Numbers of one type, read from a stream in blocks so that a large array is never held twice. */
final class VoxelStream {
    private static final int BLOCK = 1 << 13;

    private final InputStream in;
    private final VoxelType type;
    private final ByteBuffer bytes;
    private final double[] block = new double[BLOCK];

    VoxelStream(InputStream in, VoxelType type, ByteOrder order) {
        this.in = in;
        this.type = type;
        this.bytes = ByteBuffer.allocate(BLOCK * type.bytes()).order(order);
    }

    /** Takes a block of numbers. */
    interface Sink {
        /** Takes the numbers {@code from} to {@code from + count - 1}, which are the first of the block. */
        void accept(int from, double[] block, int count);
    }

    /**
     * Reads numbers and passes them on block by block.
     *
     * @throws EOFException if the stream ends early
     */
    void read(int count, Sink sink) throws IOException {
        for (int from = 0, n; from < count; from += n) {
            n = Math.min(BLOCK, count - from);
            int length = n * type.bytes();
            if (in.readNBytes(bytes.array(), 0, length) < length) {
                throw new EOFException();
            }
            type.decode(bytes, block, n);
            sink.accept(from, block, n);
        }
    }

    /** Writes little-endian float32 numbers. */
    static void writeFloats(OutputStream out, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BLOCK * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0, n; from < values.length; from += n) {
            Interruption.check();
            n = Math.min(BLOCK, values.length - from);
            buffer.asFloatBuffer().put(values, from, n);
            out.write(buffer.array(), 0, n * 4);
        }
    }

    /** Writes labels as unsigned 8-bit or little-endian 16-bit numbers. */
    static void writeLabels(OutputStream out, short[] labels, int bytesEach) throws IOException {
        byte[] buffer = new byte[BLOCK * bytesEach];
        for (int from = 0, n; from < labels.length; from += n) {
            Interruption.check();
            n = Math.min(BLOCK, labels.length - from);
            for (int i = 0; i < n; i++) {
                buffer[i * bytesEach] = (byte) labels[from + i];
                if (bytesEach == 2) {
                    buffer[i * 2 + 1] = (byte) (labels[from + i] >> 8);
                }
            }
            out.write(buffer, 0, n * bytesEach);
        }
    }

    /** Writes whole numbers as little-endian integers of 2 or 4 bytes. */
    static void writeNumbers(OutputStream out, int[] numbers, int bytesEach) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BLOCK * bytesEach).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0, n; from < numbers.length; from += n) {
            Interruption.check();
            n = Math.min(BLOCK, numbers.length - from);
            buffer.clear();
            for (int i = from; i < from + n; i++) {
                if (bytesEach == 2) {
                    buffer.putShort((short) numbers[i]);
                } else {
                    buffer.putInt(numbers[i]);
                }
            }
            out.write(buffer.array(), 0, n * bytesEach);
        }
    }
}
