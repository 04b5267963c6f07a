package org.attunet.server.inference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.attunet.server.http.HttpFailure;

/** The elements of the input tensor in row-major order. */
interface InputValues {
    /**
     * Returns a copy of some elements.
     *
     * @throws HttpFailure 400 if one is not a finite number
     */
    float[] slice(long from, int count);

    /** Elements that are binary data in the body, from an offset on. */
    record Binary(RequestBody body, long start, TensorDatatype datatype) implements InputValues {
        private static final int CHUNK = 1 << 13;

        @Override
        public float[] slice(long from, int count) {
            int size = datatype.bytes();
            long first = start + from * size;
            float[] values = new float[count];
            byte[] bytes = new byte[CHUNK * size];
            try (InputStream in = body.stream(first, first + (long) count * size)) {
                for (int done = 0; done < count; ) {
                    int now = Math.min(CHUNK, count - done);
                    in.readNBytes(bytes, 0, now * size);
                    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                    for (int k = 0; k < now; k++) {
                        values[done] = finite(datatype.next(buffer), from + done);
                        done++;
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException("memory can't be read", e);
            }
            return values;
        }

        private static float finite(float value, long index) {
            if (!Float.isFinite(value)) {
                throw HttpFailure.bad(
                        "the input's element " + index + " is " + value,
                        "finite numbers within the range of 32-bit floating point");
            }
            return value;
        }
    }
}
