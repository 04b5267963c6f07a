package org.attunet.bundle;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message in the wire format of Protocol Buffers under construction. Parts of other messages are referred to and copied
 * once, by {@link #toBytes}, because a model's weights can have a gigabyte.
 */
final class ProtoMessage {
    private record Part(byte[] bytes, int from, int to) {}

    private final List<Part> parts = new ArrayList<>();
    private final List<ProtoFields.Field> copied = new ArrayList<>();
    private long size;

    /** Adds a field as it stands in another message. */
    ProtoMessage copy(ProtoFields.Field field) {
        copied.add(field);
        return part(field.bytes(), field.begin(), field.to());
    }

    /** The fields of other messages. */
    List<ProtoFields.Field> copied() {
        return List.copyOf(copied);
    }

    ProtoMessage number(int field, long value) {
        return varint((long) field << 3 | ProtoFields.VARINT).varint(value);
    }

    ProtoMessage bytes(int field, byte[] value) {
        return varint((long) field << 3 | ProtoFields.BYTES)
                .varint(value.length)
                .part(value, 0, value.length);
    }

    ProtoMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoMessage message(int field, ProtoMessage value) {
        return varint((long) field << 3 | ProtoFields.BYTES).varint(value.size).all(value);
    }

    /** Adds the fields of another message to this one. */
    ProtoMessage all(ProtoMessage other) {
        other.parts.forEach(part -> part(part.bytes, part.from, part.to));
        return this;
    }

    private ProtoMessage varint(long value) {
        byte[] bytes = new byte[10];
        int length = 0;
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return part(bytes, 0, length);
    }

    private ProtoMessage part(byte[] bytes, int from, int to) {
        parts.add(new Part(bytes, from, to));
        size += to - from;
        return this;
    }

    byte[] toBytes() {
        byte[] all = new byte[Math.toIntExact(size)];
        int at = 0;
        for (Part part : parts) {
            System.arraycopy(part.bytes, part.from, all, at, part.to - part.from);
            at += part.to - part.from;
        }
        return all;
    }
}
