package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One directory of a TIFF file: its fields by tag, whose values are read when they are asked for. */
final class TiffDirectory {
    static final int SHORT = 3;
    static final int LONG = 4;
    static final int RATIONAL = 5;
    static final int LONG8 = 16;
    private static final int ASCII = 2;
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    private final TiffFile file;
    private final Map<Integer, Field> fields;

    TiffDirectory(TiffFile file, Map<Integer, Field> fields) {
        this.file = file;
        this.fields = fields;
    }

    /**
     * A field.
     *
     * @param type the number type, as in TIFF 6.0, section 2, and BigTIFF
     * @param count of the values
     * @param at the values' position in the file
     */
    record Field(int type, int count, long at) {
        /** The bytes of all values. */
        long bytes() {
            return (long) count * bytes(type);
        }

        /** The bytes of one value; 0 for an unknown type. */
        static int bytes(int type) {
            return type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
        }
    }

    boolean isBigEndian() {
        return file.order() == ByteOrder.BIG_ENDIAN;
    }

    boolean has(int tag) {
        return fields.containsKey(tag);
    }

    /** The field's type; 0 if there is none. */
    int type(int tag) {
        Field field = fields.get(tag);
        return field == null ? 0 : field.type;
    }

    /** The field's values as stored, in the file's byte order; empty if there is none. */
    ByteBuffer bytes(int tag) throws IOException {
        Field field = fields.get(tag);
        return field == null ? ByteBuffer.allocate(0) : file.bytes(field.at, field.bytes());
    }

    /** The field's whole numbers; none if there is no such field. */
    long[] numbers(int tag) throws IOException {
        ByteBuffer bytes = bytes(tag);
        int width = Math.max(1, Field.bytes(type(tag)));
        long[] numbers = new long[bytes.remaining() / width];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (width) {
                case 1 -> bytes.get(i) & 0xff;
                case 2 -> bytes.getShort(2 * i) & 0xffff;
                case 4 -> bytes.getInt(4 * i) & 0xffffffffL;
                default -> bytes.getLong(8 * i);
            };
        }
        return numbers;
    }

    /** The field's first whole number, or a default if there is no such field. */
    int number(int tag, int absent) throws IOException {
        long[] numbers = numbers(tag);
        if (numbers.length > 0 && (numbers[0] < 0 || numbers[0] > Integer.MAX_VALUE)) {
            throw new EOFException("tag " + tag + " is " + numbers[0]);
        }
        return numbers.length == 0 ? absent : (int) numbers[0];
    }

    /** The field's first fraction; NaN if there is none. */
    double fraction(int tag) throws IOException {
        ByteBuffer bytes = bytes(tag);
        return type(tag) == RATIONAL && bytes.remaining() >= 8
                ? (bytes.getInt(0) & 0xffffffffL) / (double) (bytes.getInt(4) & 0xffffffffL)
                : Double.NaN;
    }

    /** The field's text up to its first zero; empty if there is none. */
    String text(int tag) throws IOException {
        byte[] bytes = type(tag) == ASCII ? bytes(tag).array() : new byte[0];
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
