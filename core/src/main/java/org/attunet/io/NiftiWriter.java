package org.attunet.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Writes NIfTI-1 files, or NIfTI-2 where a size is above 32767: little endian, images as float32, labels as uint8 or
 * uint16. The same content gives the same bytes, compressed too.
 */
final class NiftiWriter {
    private NiftiWriter() {}

    static void write(Image image, Path file) {
        NiftiHeader header =
                header(file, NiftiGeometry.header(image.grid(), image.channels().length, NiftiType.FLOAT32));
        save(file, out -> {
            out.write(header.toBytes());
            for (float[] channel : image.channels()) {
                VoxelStream.writeFloats(out, channel);
            }
        });
    }

    /** Three channels of 0 to 255 as one RGB24 voxel each, which viewers show in colour. */
    static void writeColours(Image image, Path file) {
        NiftiHeader header = header(file, NiftiGeometry.header(image.grid(), 1, NiftiType.RGB24));
        int row = image.grid().size(0);
        byte[] colours = new byte[3 * row];
        save(file, out -> {
            out.write(header.toBytes());
            for (int start = 0; start < image.grid().voxels(); start += row) {
                for (int x = 0; x < row; x++) {
                    for (int c = 0; c < 3; c++) {
                        float value = image.channel(c)[start + x];
                        colours[3 * x + c] = (byte) Math.round(Math.max(0, Math.min(255, value)));
                    }
                }
                out.write(colours);
            }
        });
    }

    static void write(LabelMap labels, Path file) {
        NiftiType type = LabelRange.largest(labels) <= 255 ? NiftiType.UINT8 : NiftiType.UINT16;
        NiftiHeader header = header(file, NiftiGeometry.header(labels.grid(), 1, type));
        save(file, out -> {
            out.write(header.toBytes());
            VoxelStream.writeLabels(out, labels.voxels(), type.number().bytes());
        });
    }

    /** NIfTI-1 holds the affine in float32: what would not come back as a usable affine is not written. */
    private static NiftiHeader header(Path file, NiftiHeader header) {
        for (double v : header.srow()) {
            if (Math.abs(v) > Float.MAX_VALUE || Double.isNaN(v)) {
                throw new AttunetException(file, "the affine holds " + v, "numbers of float32", "correct the grid");
            }
        }
        return header;
    }

    private static void save(Path file, WholeFile.Body body) {
        boolean compress = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        WholeFile.write(file, out -> {
            if (compress) {
                compress(out, body);
            } else {
                body.writeTo(out);
            }
        });
    }

    private static void compress(OutputStream out, WholeFile.Body body) throws IOException {
        // GZIPOutputStream puts no time into its header, so equal images are equal files.
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 15);
        body.writeTo(gzip);
        gzip.finish();
    }
}
