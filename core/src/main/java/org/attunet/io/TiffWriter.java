package org.attunet.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Writes little-endian TIFF without compression, one strip per page and one page per slice, in the narrowest of
 * unsigned 8 bit, 16 bit and float32 that holds the values exactly. Source: TIFF 6.0, sections 2 to 6 and 19 (SampleFormat).
 */
final class TiffWriter {
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRIES = 11;
    private static final int UNSIGNED = 1;
    private static final int FLOAT = 3;

    private TiffWriter() {}

    static void write(Image image, Path file) {
        int bits = bits(image);
        var layout = new Layout(image.grid(), image.channels().length, bits, bits == 32 ? FLOAT : UNSIGNED);
        layout.save(file, (row, first, count) -> {
            for (int i = first; i < first + count; i++) {
                for (float[] channel : image.channels()) {
                    put(row, bits, channel[i]);
                }
            }
        });
    }

    /** Writes each channel of a picture as a page of float32. */
    static void writePages(Image image, Path file) {
        Grid grid = image.grid();
        int pages = image.channels().length;
        Grid stack = Grid.ofPixels(grid.size(0), grid.size(1), pages);
        int page = grid.voxels();
        new Layout(stack, 1, 32, FLOAT).save(file, (row, first, count) -> {
            float[] channel = image.channel(first / page);
            for (int i = first % page; i < first % page + count; i++) {
                row.putFloat(channel[i]);
            }
        });
    }

    static void write(LabelMap labels, Path file) {
        int bits = labels.largest() <= 255 ? 8 : 16;
        new Layout(labels.grid(), 1, bits, UNSIGNED).save(file, (row, first, count) -> {
            for (int i = first; i < first + count; i++) {
                put(row, bits, labels.label(i));
            }
        });
    }

    /** Writes unsigned 16 bit, or 32 bit if a number is larger. */
    static void write(WholeNumbers numbers, Path file) {
        int bits = numbers.bits();
        new Layout(numbers.grid(), 1, bits, UNSIGNED).save(file, (row, first, count) -> {
            for (int i = first; i < first + count; i++) {
                if (bits == 16) {
                    row.putShort((short) numbers.values()[i]);
                } else {
                    row.putInt(numbers.values()[i]);
                }
            }
        });
    }

    private static void put(ByteBuffer row, int bits, float value) {
        switch (bits) {
            case 8 -> row.put((byte) (int) value);
            case 16 -> row.putShort((short) (int) value);
            default -> row.putFloat(value);
        }
    }

    /** The narrowest type that holds all values exactly: more programs show 8 bit than 16 bit, and 16 bit than float. */
    private static int bits(Image image) {
        float largest = 0;
        for (float[] channel : image.channels()) {
            for (float v : channel) {
                if (!(v >= 0 && v <= 65535) || v != Math.rint(v)) {
                    return 32;
                }
                largest = Math.max(largest, v);
            }
        }
        return largest <= 255 ? 8 : 16;
    }

    /** Puts the samples of {@code count} voxels from {@code first} into a buffer. */
    private interface Row {
        void put(ByteBuffer row, int first, int count);
    }

    /**
     * The common layout of all pages of a file.
     *
     * @param format {@link #UNSIGNED} or {@link #FLOAT}
     */
    private record Layout(Grid grid, int samples, int bits, int format) {
        /** Bytes of a page's directory, with the values that don't fit into its entries. */
        private int directoryBytes() {
            return 2 + ENTRIES * 12 + 4 + 2 * perSampleBytes();
        }

        private int perSampleBytes() {
            return samples == 1 ? 0 : (2 * samples + 3) / 4 * 4;
        }

        private long stripBytes() {
            return (long) grid.size(0) * grid.size(1) * samples * bits / 8;
        }

        /** Rounded up, since a page starts at an even offset. */
        private long pageBytes() {
            return (directoryBytes() + stripBytes() + 1) / 2 * 2;
        }

        void save(Path file, Row row) {
            int pages = grid.size(2);
            if (8 + pages * pageBytes() > 0xffffffffL) {
                throw new AttunetException(file, "more than 4 GiB of voxels", "less in TIFF", "write .nii.gz");
            }
            ByteBuffer buffer =
                    ByteBuffer.allocate(grid.size(0) * samples * (bits / 8)).order(ByteOrder.LITTLE_ENDIAN);
            WholeFile.write(file, out -> {
                out.write(new byte[] {'I', 'I', 42, 0, 8, 0, 0, 0});
                for (int z = 0; z < pages; z++) {
                    long start = 8 + z * pageBytes();
                    out.write(directory(start, z + 1 < pages ? start + pageBytes() : 0));
                    for (int y = 0; y < grid.size(1); y++) {
                        row.put(buffer.clear(), (z * grid.size(1) + y) * grid.size(0), grid.size(0));
                        out.write(buffer.array());
                    }
                    out.write(new byte[(int) (pageBytes() - directoryBytes() - stripBytes())]);
                }
            });
        }

        private byte[] directory(long start, long next) {
            ByteBuffer b = ByteBuffer.allocate(directoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
            long extra = start + 2 + ENTRIES * 12 + 4;
            b.putShort((short) ENTRIES);
            entry(b, 256, LONG, 1, grid.size(0)); // ImageWidth
            entry(b, 257, LONG, 1, grid.size(1)); // ImageLength
            entry(b, 258, SHORT, samples, samples == 1 ? bits : extra); // BitsPerSample
            entry(b, 259, SHORT, 1, 1); // Compression: none
            entry(b, 262, SHORT, 1, samples == 1 ? 1 : 2); // PhotometricInterpretation: BlackIsZero or RGB
            entry(b, 273, LONG, 1, start + directoryBytes()); // StripOffsets
            entry(b, 277, SHORT, 1, samples); // SamplesPerPixel
            entry(b, 278, LONG, 1, grid.size(1)); // RowsPerStrip
            entry(b, 279, LONG, 1, stripBytes()); // StripByteCounts
            entry(b, 284, SHORT, 1, 1); // PlanarConfiguration: chunky
            entry(b, TiffTag.SAMPLE_FORMAT, SHORT, samples, samples == 1 ? format : extra + perSampleBytes());
            b.putInt((int) next);
            for (int value : samples == 1 ? new int[0] : new int[] {bits, format}) {
                int at = b.position();
                for (int s = 0; s < samples; s++) {
                    b.putShort((short) value);
                }
                b.position(at + perSampleBytes());
            }
            return b.array();
        }

        private static void entry(ByteBuffer b, int tag, int type, int count, long value) {
            b.putShort((short) tag).putShort((short) type).putInt(count);
            if (type == SHORT && count == 1) {
                b.putShort((short) value).putShort((short) 0);
            } else {
                b.putInt((int) value);
            }
        }
    }
}
