package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * An output tensor of an inference.
 *
 * @param binary whether the elements follow the JSON as binary data
 * @param elements in row-major order, in consecutive buffers: all {@link FloatBuffer}s, or all {@link ShortBuffer}s of
 *     unsigned integers
 */
record OutputTensor(String name, long[] shape, boolean binary, List<? extends Buffer> elements) {
    private static final int CHUNK = 1 << 13;

    private boolean real() {
        return elements.get(0) instanceof FloatBuffer;
    }

    /** Returns the size of the binary elements in bytes. */
    long bytes() {
        long bytes = real() ? Float.BYTES : Short.BYTES;
        for (long n : shape) {
            bytes *= n;
        }
        return bytes;
    }

    /** Writes the tensor as a JSON object, with the elements unless they are binary. */
    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeStringField("datatype", real() ? "FP32" : "UINT16");
        if (binary) {
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", bytes());
            json.writeEndObject();
        } else {
            json.writeArrayFieldStart("data");
            for (Buffer buffer : elements) {
                for (int i = 0; i < buffer.limit(); i++) {
                    if (buffer instanceof FloatBuffer floats) {
                        json.writeNumber(floats.get(i));
                    } else {
                        json.writeNumber(Short.toUnsignedInt(((ShortBuffer) buffer).get(i)));
                    }
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** Writes the elements as binary data, little-endian. */
    void write(OutputStream out) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Buffer buffer : elements) {
            for (int from = 0; from < buffer.limit(); from += CHUNK) {
                int count = Math.min(CHUNK, buffer.limit() - from);
                if (buffer instanceof FloatBuffer floats) {
                    chunk.asFloatBuffer().put(0, floats, from, count);
                } else {
                    chunk.asShortBuffer().put(0, (ShortBuffer) buffer, from, count);
                }
                out.write(chunk.array(), 0, count * (real() ? Float.BYTES : Short.BYTES));
            }
        }
    }
}
