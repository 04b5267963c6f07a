package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.stream.FileImageInputStream;
import org.attunet.error.AttunetException;

/**
 * Walks the directories of a TIFF file: each inside the file and visited once, each strip and tile inside the file, so
 * that a truncated file is found whatever the decoder does about it. Source: TIFF 6.0, section 2; BigTIFF.
 */
final class TiffIntegrity {
    private static final int MOST_PAGES = 1 << 16;
    private static final int STRIP_OFFSETS = 273;
    private static final int STRIP_COUNTS = 279;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_COUNTS = 325;
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    private final Path file;
    private final FileImageInputStream in;
    private final boolean big;

    private TiffIntegrity(Path file, FileImageInputStream in) throws IOException {
        this.file = file;
        this.in = in;
        in.setByteOrder(in.readUnsignedByte() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        in.seek(2);
        this.big = in.readUnsignedShort() == 43;
        in.seek(big ? 8 : 4);
    }

    /** Refuses a file whose directories or strips reach beyond its end, or that has no page. */
    static void check(Path file) throws IOException {
        try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
            new TiffIntegrity(file, in).walk();
        }
    }

    private void walk() throws IOException {
        Set<Long> visited = new HashSet<>();
        for (long at = word(); at != 0; ) {
            if (!visited.add(at) || visited.size() > MOST_PAGES) {
                throw damaged("its pages form a circle");
            }
            seek(at);
            at = directory();
        }
        if (visited.isEmpty()) {
            throw damaged("it has no page");
        }
    }

    /** Checks the directory at the current position and returns where the next one stands. */
    private long directory() throws IOException {
        long entries = big ? in.readLong() : in.readUnsignedShort();
        if (entries < 1 || entries > 0xffff) {
            throw damaged("a directory of " + entries + " entries");
        }
        long[] offsets = {};
        long[] counts = {};
        for (int i = 0; i < entries; i++) {
            int tag = in.readUnsignedShort();
            long[] values = values(tag);
            if (tag == STRIP_OFFSETS || tag == TILE_OFFSETS) {
                offsets = values;
            } else if (tag == STRIP_COUNTS || tag == TILE_COUNTS) {
                counts = values;
            }
        }
        long next = word();
        for (int i = 0; i < Math.min(offsets.length, counts.length); i++) {
            if (offsets[i] < 0 || counts[i] < 0 || offsets[i] > in.length() - counts[i]) {
                throw new EOFException();
            }
        }
        return next;
    }

    /** The values of the entry whose tag was just read, of the four tags that matter; the position moves past it. */
    private long[] values(int tag) throws IOException {
        int type = in.readUnsignedShort();
        long count = word();
        long field = in.getStreamPosition();
        int width = big ? 8 : 4;
        long[] values = {};
        int bytes = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
        if (bytes > 0) {
            if (count < 0 || count > in.length() / bytes) {
                throw new EOFException();
            }
            boolean elsewhere = count * bytes > width;
            if (elsewhere) {
                seek(word());
                if (in.getStreamPosition() > in.length() - count * bytes) {
                    throw new EOFException();
                }
            }
            boolean needed = tag == STRIP_OFFSETS || tag == STRIP_COUNTS || tag == TILE_OFFSETS || tag == TILE_COUNTS;
            if (needed) {
                values = new long[(int) count];
                for (int i = 0; i < values.length; i++) {
                    values[i] = number(bytes);
                }
            }
        }
        in.seek(field + width);
        return values;
    }

    private long number(int bytes) throws IOException {
        return switch (bytes) {
            case 1 -> in.readUnsignedByte();
            case 2 -> in.readUnsignedShort();
            case 4 -> in.readUnsignedInt();
            default -> in.readLong();
        };
    }

    private long word() throws IOException {
        return big ? in.readLong() : in.readUnsignedInt();
    }

    private void seek(long at) throws IOException {
        if (at < 0 || at >= in.length()) {
            throw new EOFException();
        }
        in.seek(at);
    }

    private AttunetException damaged(String found) {
        return new AttunetException(file, found, "an undamaged TIFF file", "copy or make the file again");
    }
}
