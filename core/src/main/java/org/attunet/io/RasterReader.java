package org.attunet.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.PictureFile.Picture;

/**
 * Reads PNG, JPEG, TIFF and BMP files. Samples are read as stored, without gamma and colour profile; pictures are turned
 * upright as their EXIF orientation asks.
 */
final class RasterReader {
    private static final long MOST_PIXELS = 1L << 28;

    /** No format packs more pixels of a flat picture into a byte, apart from a number that any small file may have. */
    private static final long PIXELS_PER_BYTE = 8800;

    private static final long ALWAYS_ALLOWED = 1L << 23;

    private RasterReader() {}

    private interface Reading<T> {
        T of(PictureFile pictures) throws IOException;
    }

    private static <T> T read(Path file, Reading<T> reading) throws IOException {
        RasterFormat format = RasterFormat.of(file);
        try (PictureFile pictures =
                format == RasterFormat.TIFF ? new TiffPictures(file) : new OnePicture(file, format)) {
            requireSize(file, pictures);
            return reading.of(pictures);
        } catch (StackOverflowError | OutOfMemoryError e) {
            // Decoders allocate what a file claims; a damaged one must not end the process.
            throw FileErrors.reading(file, e);
        }
    }

    static Image image(Path file) throws IOException {
        return read(file, pictures -> {
            Grid grid = grid(pictures);
            Picture first = pictures.slice(0);
            // One picture reveals its channels when it is decoded.
            float[][] values = new float[pictures.slices() > 1 ? pictures.channels() : first.channels()][grid.voxels()];
            for (int z = 0; z < pictures.slices(); z++) {
                Picture picture = z == 0 ? first : pictures.slice(z);
                for (int c = 0; c < values.length; c++) {
                    float[] channel = picture.channel(c);
                    System.arraycopy(channel, 0, values[c], z * channel.length, channel.length);
                }
            }
            return new Image(grid, values).requireFinite(file.toString());
        });
    }

    static StoredMask mask(Path file) throws IOException {
        return read(file, pictures -> {
            Grid grid = grid(pictures);
            short[] labels = new short[grid.voxels()];
            List<Picture> slices = new ArrayList<>();
            for (int z = 0; z < pictures.slices(); z++) {
                slices.add(pictures.slice(z));
            }
            MaskPictures mask = new MaskPictures(file, slices, pictures.width());
            StoredMask.Source source = mask.source();
            int at = 0;
            for (int z = 0; z < slices.size(); z++) {
                for (float value : mask.values(z, source)) {
                    labels[at++] = NiftiReader.label(file, value);
                }
            }
            return new StoredMask(new LabelMap(grid, labels), source);
        });
    }

    /** Reads whole numbers; 32-bit ones of TIFF as they are stored, since they need not be floats. */
    static WholeNumbers numbers(Path file) throws IOException {
        return read(file, pictures -> {
            Grid grid = grid(pictures);
            int[] numbers = new int[grid.voxels()];
            int at = 0;
            if (pictures instanceof TiffPictures tiff && tiff.isWhole32()) {
                for (int z = 0; z < pictures.slices(); z++) {
                    for (double value : tiff.whole32(z)) {
                        numbers[at++] = WholeNumbers.number(file, value);
                    }
                }
                return new WholeNumbers(grid, numbers);
            }
            List<Picture> slices = new ArrayList<>();
            for (int z = 0; z < pictures.slices(); z++) {
                slices.add(pictures.slice(z));
            }
            MaskPictures mask = new MaskPictures(file, slices, pictures.width());
            StoredMask.Source source = mask.source();
            for (int z = 0; z < slices.size(); z++) {
                for (float value : mask.values(z, source)) {
                    numbers[at++] = WholeNumbers.exact(file, value);
                }
            }
            return new WholeNumbers(grid, numbers);
        });
    }

    /** Reads the grid and the largest possible number of channels without decoding. */
    static Images.Header header(Path file) throws IOException {
        return read(file, pictures -> new Images.Header(grid(pictures), pictures.channels(), false));
    }

    private static Grid grid(PictureFile pictures) {
        return PixelSize.grid(pictures.width(), pictures.height(), pictures.slices(), pictures.pixelSize());
    }

    /** Refuses, before anything is decoded, sizes that this file can't contain. */
    private static void requireSize(Path file, PictureFile pictures) throws IOException {
        long length = Files.size(file);
        long pixels = (long) pictures.width() * pictures.height();
        int slices = pictures.slices();
        if (pixels > MOST_PIXELS || pixels * slices > length * PIXELS_PER_BYTE + ALWAYS_ALLOWED) {
            String size = pictures.width() + " x " + pictures.height() + " pixels";
            throw new TooLargeException(
                    file,
                    "it claims " + size + (slices > 1 ? " on " + slices + " pages" : "") + " in " + length + " bytes",
                    "at most 2^28 pixels, and no more than fit the file",
                    "cut it into tiles, or copy it again if it is damaged");
        }
        // A slice as decoded and as floats, and the volume.
        FileErrors.requireMemory(file, pixels * pictures.channels() * (8 + 4L * slices));
    }
}
