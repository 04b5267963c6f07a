package org.attunet.io;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.attunet.error.AttunetException;

/**
 * The directories of a TIFF file: each must lie inside the file and be visited once, each strip and tile must lie inside the
 * file; so a truncated file is found whatever the decoder does. Source: TIFF 6.0, section 2; BigTIFF.
 */
final class TiffFile implements AutoCloseable {
    private static final int MOST_PAGES = 1 << 16;
    private static final int MOST_VALUES = 1 << 27;

    /** Bytes of values that may be read beyond the file's length: pages may share values, but not without end. */
    private static final long MOST_SHARED = 64 << 20;

    private final Path file;
    private final ImageInputStream in;
    private final long length;
    private final boolean big;
    private long taken;

    private TiffFile(Path file, ImageInputStream in, long length) throws IOException {
        this.file = file;
        this.in = in;
        this.length = length;
        in.setByteOrder(in.readUnsignedByte() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        in.seek(2);
        this.big = in.readUnsignedShort() == 43;
        in.seek(big ? 8 : 4);
    }

    static TiffFile open(Path file) throws IOException {
        FileImageInputStream in = FileInput.picture(file);
        try {
            return new TiffFile(file, in, in.length());
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** The first directory of a TIFF structure in memory, such as the EXIF data of a picture. */
    static TiffDirectory first(Path file, byte[] content) throws IOException {
        TiffFile tiff =
                new TiffFile(file, new MemoryCacheImageInputStream(new ByteArrayInputStream(content)), content.length);
        tiff.seek(tiff.word());
        return tiff.directory();
    }

    /**
     * Reads all directories of the file's chain.
     *
     * @throws AttunetException if the file has no page or its structure is damaged
     * @throws EOFException if a directory, strip or tile reaches beyond the file's end
     */
    List<TiffDirectory> directories() throws IOException {
        Set<Long> visited = new HashSet<>();
        List<TiffDirectory> directories = new ArrayList<>();
        in.seek(big ? 8 : 4);
        for (long at = word(); at != 0; at = word()) {
            if (!visited.add(at) || visited.size() > MOST_PAGES) {
                throw damaged("its pages form a circle");
            }
            seek(at);
            TiffDirectory directory = directory();
            long next = in.getStreamPosition();
            requireInside(directory.numbers(TiffTag.STRIP_OFFSETS), directory.numbers(TiffTag.STRIP_BYTES));
            requireInside(directory.numbers(TiffTag.TILE_OFFSETS), directory.numbers(TiffTag.TILE_BYTES));
            directories.add(directory);
            in.seek(next);
        }
        if (directories.isEmpty()) {
            throw damaged("it has no page");
        }
        return directories;
    }

    /** Reads the directory at the current position, behind which the next one's position follows. */
    private TiffDirectory directory() throws IOException {
        long entries = big ? in.readLong() : in.readUnsignedShort();
        if (entries < 1 || entries > 0xffff) {
            throw damaged("a directory of " + entries + " entries");
        }
        int width = big ? 20 : 12;
        long start = in.getStreamPosition();
        ByteBuffer block = bytes(start, entries * width);
        Map<Integer, TiffDirectory.Field> fields = new HashMap<>();
        for (int i = 0; i < entries; i++) {
            int at = i * width;
            int type = block.getShort(at + 2) & 0xffff;
            long count = big ? block.getLong(at + 4) : block.getInt(at + 4) & 0xffffffffL;
            int bytes = TiffDirectory.Field.bytes(type);
            if (bytes == 0) {
                continue;
            }
            if (count < 0 || count > Math.min(MOST_VALUES, length / bytes)) {
                throw new EOFException();
            }
            int value = at + (big ? 12 : 8);
            long elsewhere = big ? block.getLong(value) : block.getInt(value) & 0xffffffffL;
            boolean inline = count * bytes <= (big ? 8 : 4);
            long position = inline ? start + value : elsewhere;
            if (position < 0 || position > length - count * bytes) {
                throw new EOFException();
            }
            fields.put(block.getShort(at) & 0xffff, new TiffDirectory.Field(type, (int) count, position));
        }
        in.seek(start + entries * width);
        return new TiffDirectory(this, fields);
    }

    private void requireInside(long[] offsets, long[] counts) throws EOFException {
        for (int i = 0; i < Math.min(offsets.length, counts.length); i++) {
            if (offsets[i] < 0 || counts[i] < 0 || offsets[i] > length - counts[i]) {
                throw new EOFException();
            }
        }
    }

    /** Reads bytes in the file's byte order. */
    ByteBuffer bytes(long at, long count) throws IOException {
        taken += count;
        if (taken > length + MOST_SHARED) {
            throw damaged("its directories overlap");
        }
        if (at < 0 || at > length - count) {
            throw new EOFException();
        }
        byte[] bytes = new byte[(int) count];
        in.seek(at);
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes).order(in.getByteOrder());
    }

    long length() {
        return length;
    }

    ByteOrder order() {
        return in.getByteOrder();
    }

    /** The bytes of the file. */
    ImageInputStream stream() {
        return in;
    }

    private long word() throws IOException {
        return big ? in.readLong() : in.readUnsignedInt();
    }

    private void seek(long at) throws IOException {
        if (at < 0 || at >= length) {
            throw new EOFException();
        }
        in.seek(at);
    }

    private AttunetException damaged(String found) {
        return FileErrors.damaged(file, found, "an undamaged TIFF file");
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
