package org.attunet.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Writes small TIFF files of any arrangement, field by field. */
final class TestTiff {
    private final ByteOrder order;
    private final List<Page> pages = new ArrayList<>();

    TestTiff(ByteOrder order) {
        this.order = order;
    }

    static TestTiff littleEndian() {
        return new TestTiff(ByteOrder.LITTLE_ENDIAN);
    }

    /** A page's fields and the bytes of its only strip. */
    static final class Page {
        private final TreeMap<Integer, long[]> fields = new TreeMap<>();
        private String description = "";
        private byte[] data = {};

        Page put(int tag, long... values) {
            fields.put(tag, values);
            return this;
        }

        /** A fraction; only resolutions are. */
        Page ratio(int tag, int numerator, int denominator) {
            return put(tag, numerator, denominator);
        }

        Page describe(String text) {
            description = text;
            return this;
        }
    }

    /** Adds a page of one strip with all samples of a pixel side by side. */
    Page page(int width, int height, int samples, int bits, byte[] data) {
        Page page = new Page();
        long[] each = new long[samples];
        java.util.Arrays.fill(each, bits);
        page.put(256, width)
                .put(257, height)
                .put(258, each)
                .put(259, 1)
                .put(262, 1)
                .put(277, samples);
        page.put(278, height);
        page.data = data;
        pages.add(page);
        return page;
    }

    /** Numbers as 16-bit samples in the file's order. */
    byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(order);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    Path write(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 8;
        List<Integer> starts = new ArrayList<>();
        for (Page page : pages) {
            starts.add(at);
            byte[] text = page.description.isEmpty()
                    ? new byte[0]
                    : (page.description + "\0").getBytes(StandardCharsets.UTF_8);
            at += page.data.length + page.data.length % 2 + text.length + text.length % 2;
            at += fieldBytes(page) + directoryBytes(page);
        }
        List<byte[]> parts = new ArrayList<>();
        List<Integer> directories = new ArrayList<>();
        for (int i = 0; i < pages.size(); i++) {
            Page page = pages.get(i);
            byte[] text = page.description.isEmpty()
                    ? new byte[0]
                    : (page.description + "\0").getBytes(StandardCharsets.UTF_8);
            int data = starts.get(i);
            int textAt = data + page.data.length + page.data.length % 2;
            int fieldsAt = textAt + text.length + text.length % 2;
            directories.add(fieldsAt + fieldBytes(page));
            if (!page.fields.containsKey(273)) {
                page.put(273, data).put(279, page.data.length);
            }
            if (text.length > 0) {
                page.put(270, textAt, text.length); // written as text below
            }
            parts.add(page.data);
            parts.add(new byte[page.data.length % 2]);
            parts.add(text);
            parts.add(new byte[text.length % 2]);
            parts.add(new byte[0]);
        }
        ByteBuffer header = ByteBuffer.allocate(8).order(order);
        byte mark = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
        header.put(mark).put(mark).putShort((short) 42).putInt(directories.get(0));
        out.write(header.array());
        for (int i = 0; i < pages.size(); i++) {
            for (int k = 0; k < 4; k++) {
                out.write(parts.get(5 * i + k));
            }
            int next = i + 1 < pages.size() ? directories.get(i + 1) : 0;
            out.write(directory(pages.get(i), directories.get(i) - fieldBytes(pages.get(i)), next));
        }
        return Files.write(file, out.toByteArray());
    }

    /** Values that don't fit into their entries, as 32-bit numbers. */
    private static int fieldBytes(Page page) {
        return page.fields.entrySet().stream()
                .filter(field -> field.getKey() != 270 && field.getValue().length > 1)
                .mapToInt(field -> 4 * field.getValue().length)
                .sum();
    }

    private static int directoryBytes(Page page) {
        int strips = page.fields.containsKey(273) ? 0 : 2;
        int text = page.description.isEmpty() || page.fields.containsKey(270) ? 0 : 1;
        return 2 + 12 * (page.fields.size() + strips + text) + 4;
    }

    private static boolean isRatio(int tag) {
        return tag == 282 || tag == 283;
    }

    private byte[] directory(Page page, int fieldsAt, int next) {
        ByteBuffer b =
                ByteBuffer.allocate(fieldBytes(page) + directoryBytes(page)).order(order);
        b.position(fieldBytes(page));
        b.putShort((short) page.fields.size());
        int at = 0;
        for (var field : page.fields.entrySet()) {
            long[] values = field.getValue();
            boolean text = field.getKey() == 270;
            b.putShort(field.getKey().shortValue()).putShort((short) (text ? 2 : isRatio(field.getKey()) ? 5 : 4));
            b.putInt(text ? (int) values[1] : isRatio(field.getKey()) ? 1 : values.length);
            if (text || values.length == 1) {
                b.putInt((int) values[0]);
            } else {
                b.putInt(fieldsAt + at);
                for (long value : values) {
                    b.putInt(at, (int) value);
                    at += 4;
                }
            }
        }
        b.putInt(next);
        return b.array();
    }
}
