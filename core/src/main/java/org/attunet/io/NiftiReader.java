package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Reads one NIfTI file, compressed (told by its content, not its name) or not.
 *
 * <p>Every size that the header claims is held against the file's length before memory is taken for it, and compressed
 * files are read to their end so that their checksum is compared.
 */
final class NiftiReader implements AutoCloseable {
    /** Deflate can't shrink by more than 1032 : 1, so a header that claims more is wrong. */
    private static final long LARGEST_RATIO = 1100;

    private static final long SLACK = 1 << 20;

    private final Path file;
    private final InputStream in;
    private final boolean compressed;
    private final long length;
    private final NiftiHeader header;
    private final NiftiType type;
    private final Grid grid;
    private final int channels;
    private long position;

    /** Opens a file and checks its header. */
    NiftiReader(Path file) throws IOException {
        this.file = file;
        this.length = Files.size(file);
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            raw.mark(2);
            this.compressed = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            this.in = compressed ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 15), 1 << 16) : raw;
            byte[] start = take(4);
            byte[] bytes = Arrays.copyOf(start, NiftiHeader.size(file, start));
            System.arraycopy(take(bytes.length - 4), 0, bytes, 4, bytes.length - 4);
            this.header = NiftiHeader.parse(file, bytes);
            this.type = NiftiType.of(file, header);
            this.grid = NiftiGeometry.grid(file, header);
            this.channels = channels(file, header);
            requireLength();
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    Grid grid() {
        return grid;
    }

    /** Channels of the image; colours are three, whose transparency is dropped. */
    int channels() {
        return channels * Math.min(3, type.samples());
    }

    /** Sizes beyond the spatial axes: one of them may hold the channels. */
    private static int channels(Path file, NiftiHeader h) {
        long channels = 1;
        for (int axis = 4; axis <= h.dim()[0]; axis++) {
            long n = h.dim()[axis];
            if ((channels > 1 && n > 1) || n > Integer.MAX_VALUE / 8) {
                long[] dims = Arrays.copyOfRange(h.dim(), 1, (int) h.dim()[0] + 1);
                throw new AttunetException(
                        file,
                        "its sizes are " + Arrays.toString(dims),
                        "2 or 3 spatial axes and one for channels",
                        "split the file");
            }
            channels *= n;
        }
        return (int) channels;
    }

    /** Holds what the header claims against what the file can hold. */
    private void requireLength() {
        double offset = offset();
        double end = offset + (double) grid.voxels() * channels * (type.bitsPerVoxel() / 8);
        double most = compressed ? (double) length * LARGEST_RATIO + SLACK : length;
        if (end > most) {
            String found = compressed
                    ? length + " compressed bytes for the " + (long) end + " that its header claims"
                    : "it has " + length + " bytes";
            String expected = compressed ? "at most 1100 bytes from one" : (long) end + " bytes as its header says";
            throw new AttunetException(file, found, expected, "copy or make the file again");
        }
    }

    private double offset() {
        double least = header.version() == 1 ? NiftiHeader.SIZE_1 : NiftiHeader.SIZE_2;
        double offset = header.voxOffset() == 0 ? least + 4 : header.voxOffset();
        if (!(offset >= least) || offset != Math.rint(offset)) {
            throw new AttunetException(
                    file,
                    "vox_offset is " + header.voxOffset(),
                    "a whole number from " + (int) least,
                    "copy or make the file again");
        }
        return offset;
    }

    /** Reads the voxels as intensities, scaled as the header says. */
    Image image() throws IOException {
        int samples = type.samples() == 4 ? 3 : type.samples();
        FileErrors.requireMemory(file, 4L * grid.voxels() * channels * samples);
        float[][] values = new float[channels * samples][grid.voxels()];
        VoxelStream stream = voxels();
        Scaling scaling = scaling();
        for (int c = 0; c < channels; c++) {
            if (type.samples() == 1) {
                float[] channel = values[c];
                stream.read(channel.length, (from, block, n) -> {
                    for (int i = 0; i < n; i++) {
                        channel[from + i] = (float) scaling.of(block[i]);
                    }
                });
            } else {
                readColours(stream, values, c * samples);
            }
        }
        drain();
        FiniteVoxels.require(file, grid, values);
        return new Image(grid, values);
    }

    private void readColours(VoxelStream stream, float[][] values, int first) throws IOException {
        int samples = type.samples();
        if ((long) grid.voxels() * samples > Integer.MAX_VALUE - 8) {
            throw new AttunetException(file, grid + " in colour", "at most 2^31 samples", "crop the image");
        }
        stream.read(grid.voxels() * samples, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                int sample = (from + i) % samples;
                if (sample < 3) {
                    values[first + sample][(from + i) / samples] = (float) block[i];
                }
            }
        });
    }

    /** Reads the voxels as labels: one channel of whole numbers from 0 to 65535 after scaling. */
    LabelMap labels() throws IOException {
        if (channels != 1 || type.samples() != 1) {
            throw new AttunetException(
                    file,
                    channels * type.samples() + " numbers per voxel",
                    "one label per voxel",
                    "give a mask with one channel");
        }
        FileErrors.requireMemory(file, 2L * grid.voxels());
        short[] labels = new short[grid.voxels()];
        Scaling scaling = scaling();
        voxels().read(labels.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                labels[from + i] = label(file, scaling.of(block[i]));
            }
        });
        drain();
        return new LabelMap(grid, labels);
    }

    /** A number of a mask as a label; scaling may have moved it by rounding, no more. */
    static short label(Path file, double value) {
        double label = Math.rint(value);
        if (!(Math.abs(value - label) <= 1e-4)) {
            throw new AttunetException(
                    file,
                    "a voxel has the value " + value,
                    "labels that are whole numbers",
                    "save the mask with nearest-neighbour interpolation, or give it as an image");
        }
        if (label < 0 || label > 65535) {
            throw new AttunetException(
                    file, "a voxel has the label " + (long) label, "labels from 0 to 65535", "renumber the labels");
        }
        return (short) (int) label;
    }

    private record Scaling(double slope, double inter) {
        double of(double stored) {
            return stored * slope + inter;
        }
    }

    private Scaling scaling() {
        double slope = header.slope();
        double inter = header.inter();
        if (slope == 0 || Double.isNaN(slope)) {
            return new Scaling(1, 0);
        }
        if (Double.isInfinite(slope) || !Double.isFinite(inter)) {
            throw new AttunetException(
                    file,
                    "scl_slope is " + slope + " and scl_inter is " + inter,
                    "finite numbers",
                    "set scl_slope to 1 and scl_inter to 0");
        }
        return new Scaling(slope, inter);
    }

    private VoxelStream voxels() throws IOException {
        long gap = (long) offset() - position;
        while (gap > 0) {
            gap -= take((int) Math.min(gap, 1 << 16)).length;
        }
        return new VoxelStream(in, type.number(), header.order());
    }

    private byte[] take(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        position += count;
        return bytes;
    }

    /** Reads on to the end, where the checksum of a compressed file stands. */
    private void drain() throws IOException {
        if (!compressed) {
            return;
        }
        byte[] rest = new byte[1 << 13];
        long extra = 0;
        for (int n = in.read(rest); n >= 0; n = in.read(rest)) {
            extra += n;
            if (extra > 64 * SLACK) {
                throw new AttunetException(
                        file,
                        "more data follow the voxels",
                        "an end after the " + grid + " of the header",
                        "copy or make the file again");
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
