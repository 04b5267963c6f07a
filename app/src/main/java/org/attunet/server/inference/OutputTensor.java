package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An output tensor of an inference.
 *
 * @param binary whether the elements follow the JSON as binary data
 */
record OutputTensor(String name, long[] shape, boolean binary, Elements elements) {
    private static final int CHUNK = 1 << 13;

    /** Returns the size of the binary elements in bytes. */
    long bytes() {
        long bytes = elements.bytes();
        for (long n : shape) {
            bytes *= n;
        }
        return bytes;
    }

    /** The elements in row-major order, in consecutive arrays. */
    sealed interface Elements {
        String datatype();

        /** Returns the size of one element. */
        int bytes();

        void write(JsonGenerator json) throws IOException;

        void write(OutputStream out) throws IOException;
    }

    /** Unsigned integers. */
    record Shorts(List<short[]> arrays) implements Elements {
        @Override
        public String datatype() {
            return "UINT16";
        }

        @Override
        public int bytes() {
            return Short.BYTES;
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            for (short[] array : arrays) {
                for (short value : array) {
                    json.writeNumber(Short.toUnsignedInt(value));
                }
            }
        }

        @Override
        public void write(OutputStream out) throws IOException {
            for (short[] array : arrays) {
                copy(
                        array.length,
                        bytes(),
                        out,
                        (to, from, count) -> to.asShortBuffer().put(array, from, count));
            }
        }
    }

    /** Real numbers. */
    record Floats(List<float[]> arrays) implements Elements {
        @Override
        public String datatype() {
            return "FP32";
        }

        @Override
        public int bytes() {
            return Float.BYTES;
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            for (float[] array : arrays) {
                for (float value : array) {
                    json.writeNumber(value);
                }
            }
        }

        @Override
        public void write(OutputStream out) throws IOException {
            for (float[] array : arrays) {
                copy(
                        array.length,
                        bytes(),
                        out,
                        (to, from, count) -> to.asFloatBuffer().put(array, from, count));
            }
        }
    }

    private static void copy(int length, int bytes, OutputStream out, Filler filler) throws IOException {
        byte[] chunk = new byte[Math.min(length, CHUNK) * bytes];
        ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < length; done += CHUNK) {
            int now = Math.min(CHUNK, length - done);
            filler.fill(buffer, done, now);
            out.write(chunk, 0, now * bytes);
        }
    }

    private interface Filler {
        void fill(ByteBuffer to, int from, int count);
    }
}
