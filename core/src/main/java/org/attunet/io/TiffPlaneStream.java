package org.attunet.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.TreeMap;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A TIFF file with other directories: what follows them is the whole original file, so that the same samples are described in
 * another way. The decoder understands grey and RGB samples only, side by side, one page in each directory; any other
 * arrangement is described to it as such pages.
 */
final class TiffPlaneStream extends ImageInputStreamImpl {
    private static final int HEADER = 16; // of BigTIFF
    private static final int ENTRY = 20;

    private final byte[] start;
    private final ImageInputStream original;

    private TiffPlaneStream(byte[] start, ImageInputStream original) {
        this.start = start;
        this.original = original;
        setByteOrder(original.getByteOrder());
    }

    /**
     * A page's description for the decoder.
     *
     * @param order of all bytes
     */
    record Page(ByteOrder order, TreeMap<Integer, Entry> entries) {
        private record Entry(int type, ByteBuffer values, boolean positions) {}

        Page(ByteOrder order) {
            this(order, new TreeMap<>());
        }

        /** Copies a field if the page has it. */
        Page copy(TiffDirectory page, int tag) throws IOException {
            if (page.has(tag)) {
                entries.put(tag, new Entry(page.type(tag), page.bytes(tag), false));
            }
            return this;
        }

        Page put(int tag, int... values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
            bytes.asIntBuffer().put(values);
            entries.put(tag, new Entry(TiffDirectory.LONG, bytes, false));
            return this;
        }

        /** Sets numbers; positions in the original file are shifted to where its bytes will be. */
        Page put(int tag, long[] values, boolean positions) {
            ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(order);
            bytes.asLongBuffer().put(values);
            entries.put(tag, new Entry(TiffDirectory.LONG8, bytes, positions));
            return this;
        }

        private int length() {
            return 8 + ENTRY * entries.size() + 8 + outside();
        }

        /** Bytes of the values that don't fit into the entries. */
        private int outside() {
            return entries.values().stream()
                    .mapToInt(entry -> entry.values.capacity())
                    .filter(bytes -> bytes > 8)
                    .map(bytes -> (bytes + 7) / 8 * 8)
                    .sum();
        }

        private void write(ByteBuffer out, boolean last, long shift) {
            int outside = out.position() + 8 + ENTRY * entries.size() + 8;
            int next = out.position() + length();
            out.putLong(entries.size());
            for (var one : entries.entrySet()) {
                Entry entry = one.getValue();
                int bytes = entry.values.capacity();
                int width = TiffDirectory.Field.bytes(entry.type);
                out.putShort(one.getKey().shortValue()).putShort((short) entry.type);
                out.putLong(bytes / width);
                int at = bytes > 8 ? outside : out.position();
                if (bytes > 8) {
                    outside += (bytes + 7) / 8 * 8;
                    out.putLong(at);
                } else {
                    out.putLong(0);
                }
                if (entry.positions) {
                    for (int i = 0; i < bytes; i += 8) {
                        out.putLong(at + i, entry.values.getLong(i) + shift);
                    }
                } else {
                    out.put(at, entry.values, 0, bytes);
                }
            }
            out.putLong(last ? 0 : next).position(next);
        }
    }

    /** Describes a file anew. */
    static TiffPlaneStream of(TiffFile file, List<Page> pages) {
        int length = HEADER + pages.stream().mapToInt(Page::length).reduce(0, Math::addExact);
        ByteBuffer start = ByteBuffer.allocate(length).order(file.order());
        byte mark = (byte) (file.order() == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
        start.put(mark).put(mark).putShort((short) 43).putShort((short) 8).putShort((short) 0);
        start.putLong(HEADER);
        for (int i = 0; i < pages.size(); i++) {
            pages.get(i).write(start, i == pages.size() - 1, length);
        }
        return new TiffPlaneStream(start.array(), file.stream());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        bitOffset = 0;
        int n;
        if (streamPos < start.length) {
            n = (int) Math.min(count, start.length - streamPos);
            System.arraycopy(start, (int) streamPos, bytes, offset, n);
        } else {
            original.seek(streamPos - start.length);
            n = original.read(bytes, offset, count);
        }
        streamPos += Math.max(0, n);
        return n;
    }

    @Override
    public long length() {
        try {
            return start.length + original.length();
        } catch (IOException e) {
            return -1;
        }
    }
}
