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
 * Walks the directories of a TIFF file: each must lie inside the file and be visited once, each strip and tile must lie
 * inside the file; so a truncated file is found whatever the decoder does. Source: TIFF 6.0, section 2; BigTIFF.
 */
final class TiffIntegrity {
    private static final int MOST_PAGES = 1 << 16;
    private static final Set<Integer> OFFSETS = Set.of(273, 324); // of strips and tiles
    private static final Set<Integer> COUNTS = Set.of(279, 325);
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    private final Path file;
    private final FileImageInputStream in;
    private final boolean big;
    private long listed; // bytes of entries and their values

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
        try (FileImageInputStream in = FileInput.picture(file)) {
            new TiffIntegrity(file, in).walk();
        }
    }

    private void walk() throws IOException {
        Set<Long> visited = new HashSet<>();
        for (long at = word(); at != 0; at = directory()) {
            if (!visited.add(at) || visited.size() > MOST_PAGES) {
                throw damaged("its pages form a circle");
            }
            seek(at);
        }
        if (visited.isEmpty()) {
            throw damaged("it has no page");
        }
    }

    /** Checks the directory at the current position; returns the position of the next one. */
    private long directory() throws IOException {
        long entries = big ? in.readLong() : in.readUnsignedShort();
        if (entries < 1 || entries > 0xffff) {
            throw damaged("a directory of " + entries + " entries");
        }
        long[] offsets = {};
        long[] counts = {};
        list(entries * (big ? 20 : 12));
        for (int i = 0; i < entries; i++) {
            int tag = in.readUnsignedShort();
            long[] values = values(tag);
            offsets = OFFSETS.contains(tag) ? values : offsets;
            counts = COUNTS.contains(tag) ? values : counts;
        }
        long next = word();
        for (int i = 0; i < Math.min(offsets.length, counts.length); i++) {
            if (offsets[i] < 0 || counts[i] < 0 || offsets[i] > in.length() - counts[i]) {
                throw new EOFException();
            }
        }
        return next;
    }

    /** Reads the rest of the entry with this tag; returns the values of the four tags that matter. */
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
            list(count * bytes > width ? count * bytes : 0);
            if (count * bytes > width) { // the values are elsewhere
                seek(word());
                if (in.getStreamPosition() > in.length() - count * bytes) {
                    throw new EOFException();
                }
            }
            if (OFFSETS.contains(tag) || COUNTS.contains(tag)) {
                values = new long[(int) count];
                for (int i = 0; i < values.length; i++) {
                    values[i] = number(bytes);
                }
            }
        }
        in.seek(field + width);
        return values;
    }

    /** Refuses directories and values that overlap, whose reading could take far longer than the file's. */
    private void list(long bytes) throws IOException {
        listed += bytes;
        if (listed > in.length()) {
            throw damaged("its directories overlap");
        }
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
        return FileErrors.damaged(file, found, "an undamaged TIFF file");
    }
}
