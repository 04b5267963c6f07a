package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * Label maps as NRRD files, the format that 3D Slicer and OHIF exchange masks in: three axes, whole numbers of 8, 16 or 32
 * bits, raw or gzip, with an orientation. Images other than label maps are not read.
 *
 * <p>Sizes are held against the file's length before memory is taken; all failures are {@link AttunetException}s that name
 * the file. Thread-safe.
 */
public final class NrrdLabels {
    /** Deflate can't shrink by more than 1032 : 1, so a header that claims more is wrong. */
    private static final long LARGEST_RATIO = 1100;

    private static final long SLACK = 1 << 20;

    private NrrdLabels() {}

    /** Reads a label map. */
    public static LabelMap read(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            NrrdHeader header = NrrdHeader.read(file, in);
            requireLength(file, header);
            FileErrors.requireMemory(file, 2L * header.grid().voxels());
            if (header.compressed()) {
                var data = new BufferedInputStream(new GZIPInputStream(in, 1 << 15), 1 << 16);
                return labels(file, header, data);
            }
            return labels(file, header, in);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /** Reads where the voxels lie, from the header alone, held against the file's length. */
    public static Grid readGrid(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 12)) {
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
        if (header.compressed() ? claimed > present * LARGEST_RATIO + SLACK : claimed != present) {
            throw new AttunetException(
                    file,
                    "it has " + present + " bytes of data for the " + claimed + " that its header claims",
                    header.compressed() ? "at most 1100 bytes from one" : "as many as the header says",
                    "copy or make the file again");
        }
    }

    private static LabelMap labels(Path file, NrrdHeader header, InputStream in) throws IOException {
        short[] labels = new short[header.grid().voxels()];
        new VoxelStream(in, header.type(), header.order()).read(labels.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                labels[from + i] = NiftiReader.label(file, block[i]);
            }
        });
        if (in.read() >= 0) { // a compressed stream compares its checksum here
            throw new AttunetException(
                    file,
                    "more data follow the voxels",
                    "an end after the " + header.grid() + " of the header",
                    "copy or make the file again");
        }
        return new LabelMap(header.grid(), labels);
    }

    /** Writes a label map of three axes with gzip, in the narrowest of 8 and 16 bits that holds its labels. */
    public static void write(LabelMap labels, Path file) {
        write(labels, file, LabelRange.largest(labels) <= 255 ? 8 : 16, true);
    }

    /**
     * Writes a label map of three axes.
     *
     * @param bits 8 or 16, for each voxel, unsigned
     * @param compress with gzip; else raw, little endian
     * @throws AttunetException where it has two axes, or a label that the bits don't hold
     */
    public static void write(LabelMap labels, Path file, int bits, boolean compress) {
        if (labels.grid().dimension() != 3) {
            throw new AttunetException(file, "a 2D label map for NRRD", "3 axes", "write it as .nii.gz or .png");
        }
        int largest = LabelRange.largest(labels);
        if ((bits != 8 && bits != 16) || largest >= 1 << bits) {
            throw new AttunetException(
                    file, "the label " + largest + " in " + bits + " bits", "8 or 16 bits that hold it", "use 16 bits");
        }
        String header = "NRRD0004\n# Complete NRRD file format specification at:\n"
                + "# http://teem.sourceforge.net/nrrd/format.html\n"
                + "type: " + (bits == 8 ? "unsigned char" : "unsigned short") + "\ndimension: 3\n"
                + NrrdSpace.lines(labels.grid())
                + "endian: little\nencoding: " + (compress ? "gzip" : "raw") + "\n\n";
        WholeFile.write(file, out -> {
            out.write(header.getBytes(StandardCharsets.US_ASCII));
            if (compress) {
                var gzip = new GZIPOutputStream(out, 1 << 15);
                voxels(labels, gzip, bits);
                gzip.finish();
            } else {
                voxels(labels, out, bits);
            }
        });
    }

    private static void voxels(LabelMap labels, OutputStream out, int bits) throws IOException {
        VoxelStream.writeLabels(out, labels.voxels(), bits / 8);
    }
}
