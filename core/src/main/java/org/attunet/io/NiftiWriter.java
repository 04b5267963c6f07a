package org.attunet.io;

import java.nio.file.Path;
import java.util.Locale;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Writes NIfTI-1 files, or NIfTI-2 if a size is above 32767: little-endian, images as float32, labels as uint8 or uint16.
 * Equal content gives equal bytes, also compressed.
 */
final class NiftiWriter {
    private NiftiWriter() {}

    static void write(Image image, Path file) {
        save(file, NiftiGeometry.header(file, image.grid(), image.channels().length, NiftiType.FLOAT32), out -> {
            for (float[] channel : image.channels()) {
                VoxelStream.writeFloats(out, channel);
            }
        });
    }

    /** Writes three channels of 0 to 255 as RGB24 voxels, which viewers show in colour. */
    static void writeColours(Image image, Path file) {
        int row = image.grid().size(0);
        byte[] colours = new byte[3 * row];
        save(file, NiftiGeometry.header(file, image.grid(), 1, NiftiType.RGB24), out -> {
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
        NiftiType type = labels.largest() <= 255 ? NiftiType.UINT8 : NiftiType.UINT16;
        save(
                file,
                NiftiGeometry.header(file, labels.grid(), 1, type),
                out -> VoxelStream.writeLabels(
                        out, labels.voxels(), type.number().bytes()));
    }

    /** Writes uint16, or int32 if a number is larger. */
    static void write(WholeNumbers numbers, Path file) {
        int bits = numbers.bits();
        NiftiType type = bits == 16 ? NiftiType.UINT16 : NiftiType.INT32;
        save(
                file,
                NiftiGeometry.header(file, numbers.grid(), 1, type),
                out -> VoxelStream.writeNumbers(out, numbers.values(), bits / 8));
    }

    private static void save(Path file, NiftiHeader header, WholeFile.Body voxels) {
        WholeFile.Body content = out -> {
            out.write(header.toBytes());
            voxels.writeTo(out);
        };
        boolean compress = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        WholeFile.write(file, compress ? out -> Gzip.write(out, content) : content);
    }
}
