package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.attunet.io.HalfPrecision;
import org.attunet.server.http.HttpFailure;

/**
 * The element types of an input tensor, under the protocol's names: all of its table but BYTES, which holds texts. All are
 * converted to 32-bit floating point, which rounds integers above 2^24; BOOL becomes 0 and 1.
 */
enum TensorDatatype {
    BOOL(1, 0, 1),
    UINT8(1, 0, 255),
    UINT16(2, 0, 65_535),
    UINT32(4, 0, 4_294_967_295L),
    UINT64(8, 0, Long.MAX_VALUE), // read by itself, since Long can't hold all of it
    INT8(1, Byte.MIN_VALUE, Byte.MAX_VALUE),
    INT16(2, Short.MIN_VALUE, Short.MAX_VALUE),
    INT32(4, Integer.MIN_VALUE, Integer.MAX_VALUE),
    INT64(8, Long.MIN_VALUE, Long.MAX_VALUE),
    FP16(2, 0, 0),
    FP32(4, 0, 0),
    FP64(8, 0, 0),
    BF16(2, 0, 0);

    private static final int CHUNK = 1 << 13;
    private static final BigInteger LARGEST_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final int bytes;
    private final long least;
    private final long most;

    TensorDatatype(int bytes, long least, long most) {
        this.bytes = bytes;
        this.least = least;
        this.most = most;
    }

    /** Returns the type of a name, or throws 400. */
    static TensorDatatype named(String name) {
        return Arrays.stream(values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElseThrow(() -> HttpFailure.bad(
                        "the input has the datatype " + InferenceRequestReader.quoted(name),
                        "one of " + Arrays.toString(values()).replaceAll("[\\[\\]]", "")));
    }

    /** Returns the size of a binary element in bytes. */
    int bytes() {
        return bytes;
    }

    /**
     * Reads binary elements, which are little-endian.
     *
     * @param start the offset of the tensor in the body
     * @param from the index of the first element
     * @throws HttpFailure 400 if one is not a finite number
     */
    float[] read(RequestBody body, long start, long from, int count) {
        long first = start + from * bytes;
        float[] values = new float[count];
        byte[] chunk = new byte[CHUNK * bytes];
        try (InputStream in = body.stream(first, first + (long) count * bytes)) {
            for (int done = 0; done < count; ) {
                int now = Math.min(CHUNK, count - done);
                in.readNBytes(chunk, 0, now * bytes);
                ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
                for (int k = 0; k < now; k++, done++) {
                    values[done] = next(buffer);
                    if (!Float.isFinite(values[done])) {
                        throw HttpFailure.bad(
                                "the input's element " + (from + done) + " is " + values[done],
                                "finite numbers within the range of 32-bit floating point");
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory can't be read", e);
        }
        return values;
    }

    private float next(ByteBuffer from) {
        return switch (this) {
            case BOOL -> from.get() == 0 ? 0 : 1;
            case UINT8 -> Byte.toUnsignedInt(from.get());
            case UINT16 -> Short.toUnsignedInt(from.getShort());
            case UINT32 -> Integer.toUnsignedLong(from.getInt());
            case UINT64 -> unsigned(from.getLong());
            case INT8 -> from.get();
            case INT16 -> from.getShort();
            case INT32 -> from.getInt();
            case INT64 -> from.getLong();
            case FP16 -> HalfPrecision.decode(from.getShort());
            case FP32 -> from.getFloat();
            case FP64 -> (float) from.getDouble();
            case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
        };
    }

    private static float unsigned(long bits) {
        return bits >= 0 ? bits : new BigInteger(Long.toUnsignedString(bits)).floatValue();
    }

    /** Whether JSON can't hold elements of this type, as the protocol says. */
    boolean binaryOnly() {
        return this == FP16 || this == BF16;
    }

    /** Returns the number at the parser's position, or throws 400 if it is not of this type. */
    float of(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (this == BOOL && token != null && token.isBoolean()) {
            return token == JsonToken.VALUE_TRUE ? 1 : 0;
        }
        if (this == UINT64) {
            return unsignedLong(json);
        }
        boolean real = this == FP32 || this == FP64;
        if (real && token.isNumeric()) {
            float value = this == FP64 ? (float) json.getDoubleValue() : json.getFloatValue();
            if (!Float.isFinite(value)) {
                throw unsuitable(json, "numbers within the range of 32-bit floating point");
            }
            return value;
        }
        boolean fits = token == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!fits || json.getLongValue() < least || json.getLongValue() > most) {
            String expected = real ? "numbers" : "whole numbers from " + least + " to " + most;
            throw unsuitable(json, expected + ", as it is " + this);
        }
        return json.getLongValue();
    }

    private float unsignedLong(JsonParser json) throws IOException {
        boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
        BigInteger value = whole ? json.getBigIntegerValue() : BigInteger.valueOf(-1);
        if (value.signum() < 0 || value.compareTo(LARGEST_UINT64) > 0) {
            throw unsuitable(json, "whole numbers from 0 to " + LARGEST_UINT64 + ", as it is UINT64");
        }
        return value.floatValue();
    }

    private static HttpFailure unsuitable(JsonParser json, String expected) throws IOException {
        return HttpFailure.bad("the input's data holds " + InferenceRequestReader.quoted(json.getText()), expected);
    }
}
