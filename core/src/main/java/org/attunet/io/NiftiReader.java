package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.GZIPInputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.NiftiHeader.Field;

/**
 * Reads one NIfTI file, or a pair of header and voxels; the content, not the names, decides whether they are compressed.
 *
 * <p>Checks every size in the header against the file's length before it allocates memory, and reads compressed files to
 * their end so that their checksum is compared.
 */
final class NiftiReader implements AutoCloseable {
    /** Bytes of a compressed file that are no voxels: extensions before them, or data behind them. */
    private static final long MOST_OTHER = 64 << 20;

    private final Path file;
    private final boolean pair;
    private final InputStream in;
    private final boolean compressed;
    private final long length;
    private final NiftiHeader header;
    private final NiftiType type;
    private final Grid grid;
    private final int channels;
    private int position; // in the file of the voxels, after the header

    /** Opens a file, or the pair that either of its files names, and checks the header. */
    NiftiReader(Path file) throws IOException {
        this.file = file;
        NiftiFiles files = NiftiFiles.of(file);
        this.pair = files.isPair();
        this.length = Files.size(files.voxels());
        InputStream raw = new BufferedInputStream(FileInput.open(files.voxels()), 1 << 16);
        try {
            this.compressed = isCompressed(raw);
            this.in = compressed ? expanded(raw) : raw;
            if (pair) {
                this.header = header(files.header());
            } else {
                this.header = header(file, in, false);
                this.position = header.size();
            }
            this.type = NiftiType.of(file, header);
            this.grid = NiftiGeometry.grid(file, header);
            this.channels = channels(file, header);
            requireLength();
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private static boolean isCompressed(InputStream raw) throws IOException {
        raw.mark(2);
        boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
        raw.reset();
        return compressed;
    }

    private static InputStream expanded(InputStream raw) throws IOException {
        return new BufferedInputStream(new GZIPInputStream(raw, 1 << 15), 1 << 16);
    }

    private static NiftiHeader header(Path file) throws IOException {
        try (InputStream raw = new BufferedInputStream(FileInput.open(file))) {
            return header(file, isCompressed(raw) ? expanded(raw) : raw, true);
        }
    }

    private static NiftiHeader header(Path file, InputStream in, boolean alone) throws IOException {
        byte[] start = take(in, 4);
        byte[] bytes = Arrays.copyOf(start, NiftiHeader.size(file, start));
        System.arraycopy(take(in, bytes.length - 4), 0, bytes, 4, bytes.length - 4);
        return NiftiHeader.parse(file, bytes, alone);
    }

    Grid grid() {
        return grid;
    }

    /** Whether the header holds an affine, not spacings only. */
    boolean oriented() {
        return header.get(Field.SFORM_CODE) > 0 || header.get(Field.QFORM_CODE) > 0;
    }

    /** Channels of the image; colours have three, without transparency. */
    int channels() {
        return channels * Math.min(3, type.samples());
    }

    /** The product of the sizes beyond the spatial axes, of which one may be above 1. */
    private static int channels(Path file, NiftiHeader h) {
        int axes = (int) h.get(Field.DIM);
        double channels = 1;
        for (int axis = 4; axis <= axes; axis++) {
            double n = h.get(Field.DIM, axis);
            if ((channels > 1 && n > 1) || n > Integer.MAX_VALUE / 8) {
                throw new AttunetException(
                        file,
                        "its sizes are " + h.sizes(axes),
                        "2 or 3 spatial axes and one for channels",
                        "split the file");
            }
            channels *= n;
        }
        return (int) channels;
    }

    private void requireLength() {
        double end = offset() + (double) grid.voxels() * channels * (type.bitsPerVoxel() / 8);
        if (end > (compressed ? Gzip.mostBytes(length) : length)) {
            String found = compressed
                    ? length + " compressed bytes for the " + (long) end + " that its header claims"
                    : (pair ? "its .img" : "it") + " has " + length + " bytes";
            throw FileErrors.damaged(file, found, compressed ? Gzip.RATIO : (long) end + " bytes as its header says");
        }
    }

    private double offset() {
        int least = pair ? 0 : header.size();
        double given = header.get(Field.VOX_OFFSET);
        double offset = given == 0 && !pair ? header.size() + 4 : given;
        double most = compressed ? least + MOST_OTHER : Double.MAX_VALUE; // requireLength compares it
        if (!(offset >= least) || offset > most || offset != Math.rint(offset)) {
            String range = compressed ? " to " + (long) most : "";
            throw FileErrors.damaged(file, "vox_offset is " + given, "a whole number from " + least + range);
        }
        return offset;
    }

    /** Reads the voxels as intensities, scaled by scl_slope and scl_inter. */
    Image image() throws IOException {
        FileErrors.requireMemory(file, 4L * grid.voxels() * channels());
        float[][] values = new float[channels()][grid.voxels()];
        VoxelStream stream = voxels();
        DoubleUnaryOperator scaling = scaling();
        for (int c = 0; c < channels; c++) {
            if (type.samples() == 1) {
                float[] channel = values[c];
                stream.read(channel.length, (from, block, n) -> {
                    for (int i = 0; i < n; i++) {
                        channel[from + i] = (float) scaling.applyAsDouble(block[i]);
                    }
                });
            } else {
                readColours(stream, values, c * 3);
            }
        }
        drain();
        return new Image(grid, values).requireFinite(file.toString());
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
        requireOneNumber();
        FileErrors.requireMemory(file, 2L * grid.voxels());
        short[] labels = new short[grid.voxels()];
        DoubleUnaryOperator scaling = scaling();
        voxels().read(labels.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                labels[from + i] = label(file, scaling.applyAsDouble(block[i]));
            }
        });
        drain();
        return new LabelMap(grid, labels);
    }

    /** Reads the voxels as whole numbers from 0 to 2^31 - 1 after scaling, in one channel. */
    int[] numbers() throws IOException {
        requireOneNumber();
        FileErrors.requireMemory(file, 4L * grid.voxels());
        int[] numbers = new int[grid.voxels()];
        DoubleUnaryOperator scaling = scaling();
        voxels().read(numbers.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                double value = scaling.applyAsDouble(block[i]);
                numbers[from + i] = type.number() == VoxelType.F32
                        ? WholeNumbers.exact(file, (float) value)
                        : WholeNumbers.number(file, value);
            }
        });
        drain();
        return numbers;
    }

    private void requireOneNumber() {
        if (channels != 1 || type.samples() != 1) {
            throw new AttunetException(
                    file,
                    channels * type.samples() + " numbers per voxel",
                    "one label per voxel",
                    "give a mask with one channel");
        }
    }

    /** A mask's number as a label; scaling may have added a rounding error, but no more. */
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
                    file,
                    "a voxel has the label " + (long) label,
                    "labels from 0 to 65535",
                    "renumber the labels; if they number objects, say so (--objects)");
        }
        return (short) (int) label;
    }

    private DoubleUnaryOperator scaling() {
        double slope = header.get(Field.SLOPE);
        double inter = header.get(Field.INTER);
        if (slope == 0 || Double.isNaN(slope)) {
            return stored -> stored + 0.0; // -0 becomes 0, as with a slope
        }
        if (Double.isInfinite(slope) || !Double.isFinite(inter)) {
            throw new AttunetException(
                    file,
                    "scl_slope is " + slope + " and scl_inter is " + inter,
                    "finite numbers",
                    "set scl_slope to 1 and scl_inter to 0");
        }
        return stored -> stored * slope + inter;
    }

    private VoxelStream voxels() throws IOException {
        long gap = (long) offset() - position;
        while (gap > 0) {
            gap -= take(in, (int) Math.min(gap, 1 << 16)).length;
        }
        return new VoxelStream(in, type.number(), header.order());
    }

    private static byte[] take(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    /** Reads a compressed file to its end, where the checksum is. */
    private void drain() throws IOException {
        if (!compressed) {
            return;
        }
        byte[] rest = new byte[1 << 13];
        long extra = 0;
        for (int n = in.read(rest); n >= 0; n = in.read(rest)) {
            extra += n;
            if (extra > MOST_OTHER) {
                throw FileErrors.trailingData(file, grid);
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
