package org.attunet.bundle;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;

/**
 * Reads the fields of a message in the wire format of Protocol Buffers, without its schema: those that a reader doesn't
 * know can be copied as they are.
 *
 * <p>Source: protobuf.dev/programming-guides/encoding.
 */
final class ProtoFields {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    /** Fields of a message and numbers of a field, so that a hostile file of tiny ones doesn't fill the memory. */
    private static final int MOST = 1 << 20;

    private final byte[] bytes;
    private final int end;
    private int at;

    private ProtoFields(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /**
     * A field of a message in an array.
     *
     * @param number the field's number in the schema
     * @param wire its type on the wire
     * @param begin the index of its tag
     * @param from the index of its value
     * @param to the index after its value
     * @param value the value of a varint; 0 for other types
     */
    record Field(byte[] bytes, int number, int wire, int begin, int from, int to, long value) {
        /** The fields of the message that this field is. */
        List<Field> fields() {
            requireBytes();
            return of(bytes, from, to);
        }

        String text() {
            requireBytes();
            return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }

        /** The values of a repeated field of whole numbers, which may be packed. */
        List<Long> numbers() {
            if (wire == VARINT) {
                return List.of(value);
            }
            requireBytes();
            ProtoFields packed = new ProtoFields(bytes, from, to);
            List<Long> values = new ArrayList<>();
            while (packed.at < to) {
                requireFew(values);
                values.add(packed.varint());
            }
            return values;
        }

        private void requireBytes() {
            if (wire != BYTES) {
                throw damaged("field " + number + " has another type");
            }
        }
    }

    /**
     * Returns the fields of a message in the order of the file.
     *
     * @throws AttunetException if the bytes are no message
     */
    static List<Field> of(byte[] bytes, int from, int to) {
        ProtoFields reader = new ProtoFields(bytes, from, to);
        List<Field> fields = new ArrayList<>();
        while (reader.at < reader.end) {
            requireFew(fields);
            fields.add(reader.next());
        }
        return fields;
    }

    private static void requireFew(List<?> found) {
        if (found.size() == MOST) {
            throw damaged("it has more than " + MOST + " fields or numbers in one place");
        }
    }

    private Field next() {
        int begin = at;
        long tag = varint();
        long number = tag >>> 3;
        int wire = (int) (tag & 7);
        if (number < 1 || number > 536_870_911) {
            throw damaged("a field has the number " + number);
        }
        int from = at;
        long value = 0;
        switch (wire) {
            case VARINT -> value = varint();
            case FIXED64 -> skip(8);
            case FIXED32 -> skip(4);
            case BYTES -> {
                long length = varint();
                from = at;
                skip(length);
            }
            default -> throw damaged("a field has the unknown type " + wire);
        }
        return new Field(bytes, (int) number, wire, begin, from, at, value);
    }

    private void skip(long length) {
        if (length < 0 || length > end - at) {
            throw damaged("a field is longer than the rest of its message");
        }
        at += (int) length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw damaged("it ends within a number");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number has more than 64 bits");
    }

    private static AttunetException damaged(String found) {
        return new AttunetException(
                "model", "it is not an ONNX file (" + found + ")", "an ONNX file", "export it again");
    }
}
