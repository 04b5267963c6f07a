package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * Label maps as NRRD files, in which 3D Slicer and OHIF exchange masks: three axes, integers of 8, 16 or 32 bits, raw or
 * gzip, with an orientation. Other images are not read.
 *
 * <p>Sizes are checked against the file's length before memory is allocated; all failures are {@link AttunetException}s that
 * name the file. Thread-safe.
 */
public final class NrrdLabels {
    private NrrdLabels() {}

    /**
     * Reads a label map.
     *
     * @param file the file
     * @return one label for each voxel
     */
    public static LabelMap read(Path file) {
        return read(file, 2, (header, in) -> labels(file, header, in));
    }

    /** Reads whole numbers from 0 to 2^31 - 1. */
    static WholeNumbers numbers(Path file) {
        return read(file, 4, (header, in) -> {
            int[] numbers = new int[header.grid().voxels()];
            read(file, header, in, numbers.length, (from, block, n) -> {
                for (int i = 0; i < n; i++) {
                    numbers[from + i] = WholeNumbers.number(file, block[i]);
                }
            });
            return new WholeNumbers(header.grid(), numbers);
        });
    }

    private interface Reading<T> {
        T of(NrrdHeader header, InputStream voxels) throws IOException;
    }

    private static <T> T read(Path file, int bytes, Reading<T> reading) {
        try (InputStream in = new BufferedInputStream(FileInput.open(file), 1 << 16)) {
            NrrdHeader header = NrrdHeader.read(file, in);
            requireLength(file, header);
            FileErrors.requireMemory(file, (long) bytes * header.grid().voxels());
            return reading.of(
                    header,
                    header.compressed() ? new BufferedInputStream(new GZIPInputStream(in, 1 << 15), 1 << 16) : in);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /**
     * Reads the grid from the header alone, which is checked against the file's length.
     *
     * @param file the file
     * @return the lattice of the voxels
     */
    public static Grid readGrid(Path file) {
        try (InputStream in = new BufferedInputStream(FileInput.open(file), 1 << 12)) {
            NrrdHeader header = NrrdHeader.read(file, in);
            requireLength(file, header);
            return header.grid();
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    private static void requireLength(Path file, NrrdHeader header) throws IOException {
        long present = Files.size(file) - header.length();
        long claimed = (long) header.grid().voxels() * header.type().bytes();
        if (header.compressed() ? claimed > Gzip.mostBytes(present) : claimed != present) {
            throw FileErrors.damaged(
                    file,
                    "it has " + present + " bytes of data for the " + claimed + " that its header claims",
                    header.compressed() ? Gzip.RATIO : "as many as the header says");
        }
    }

    private static LabelMap labels(Path file, NrrdHeader header, InputStream in) throws IOException {
        short[] labels = new short[header.grid().voxels()];
        read(file, header, in, labels.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                labels[from + i] = NiftiReader.label(file, block[i]);
            }
        });
        return new LabelMap(header.grid(), labels);
    }

    private static void read(Path file, NrrdHeader header, InputStream in, int count, VoxelStream.Sink sink)
            throws IOException {
        new VoxelStream(in, header.type(), header.order()).read(count, sink);
        if (in.read() >= 0) { // a compressed stream compares its checksum here
            throw FileErrors.trailingData(file, header.grid());
        }
    }

    /**
     * Writes a label map with three axes.
     *
     * @param labels the mask
     * @param file the file
     * @param bits 8 or 16 for each voxel, unsigned
     * @param compress whether to use gzip; otherwise raw, little-endian
     * @throws AttunetException if it has two axes, or a label that doesn't fit the bits
     */
    public static void write(LabelMap labels, Path file, int bits, boolean compress) {
        requireVolume(file, labels.grid());
        int largest = labels.largest();
        if ((bits != 8 && bits != 16) || largest >= 1 << bits) {
            throw new AttunetException(
                    file, "the label " + largest + " in " + bits + " bits", "8 or 16 bits that hold it", "use 16 bits");
        }
        String type = bits == 8 ? "unsigned char" : "unsigned short";
        WholeFile.Body voxels = out -> VoxelStream.writeLabels(out, labels.voxels(), bits / 8);
        write(file, labels.grid(), type, compress, voxels);
    }

    /** Writes whole numbers as unsigned short, or int if one is larger, with gzip. */
    static void write(WholeNumbers numbers, Path file) {
        requireVolume(file, numbers.grid());
        int bits = numbers.bits();
        WholeFile.Body voxels = out -> VoxelStream.writeNumbers(out, numbers.values(), bits / 8);
        write(file, numbers.grid(), bits == 16 ? "unsigned short" : "int", true, voxels);
    }

    private static void requireVolume(Path file, Grid grid) {
        if (grid.dimension() != 3) {
            throw new AttunetException(file, "a 2D label map for NRRD", "3 axes", "write it as .nii.gz or .png");
        }
    }

    private static void write(Path file, Grid grid, String type, boolean compress, WholeFile.Body voxels) {
        String header = "NRRD0004\n# Complete NRRD file format specification at:\n"
                + "# http://teem.sourceforge.net/nrrd/format.html\n"
                + "type: " + type + "\ndimension: 3\n" + NrrdHeader.lines(grid)
                + "endian: little\nencoding: " + (compress ? "gzip" : "raw") + "\n\n";
        WholeFile.write(file, out -> {
            out.write(header.getBytes(StandardCharsets.US_ASCII));
            if (compress) {
                Gzip.write(out, voxels);
            } else {
                voxels.writeTo(out);
            }
        });
    }
}
