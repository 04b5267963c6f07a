package org.attunet.io;

import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageMetadata;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.FileImageInputStream;
import org.attunet.error.AttunetException;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads PNG, JPEG, TIFF and BMP files. Samples are read as stored: no gamma, colour profile or EXIF rotation is applied.
 */
final class RasterReader {
    private static final long MOST_PIXELS = 1L << 28;

    /** No format packs more pixels of a flat picture into a byte, apart from a number that any small file may have. */
    private static final long PIXELS_PER_BYTE = 8800;

    private static final long ALWAYS_ALLOWED = 1L << 23;

    private RasterReader() {}

    /** One decoded picture: its colour or grey samples without alpha, or the indices into a palette. */
    private record Page(
            int width,
            int height,
            float[][] bands,
            @Nullable IndexColorModel palette) {}

    static Image image(Path file) throws IOException {
        List<Page> pages = pages(file);
        Grid grid = grid(pages);
        int channels = 1;
        for (Page page : pages) {
            channels = Math.max(channels, page.palette == null ? page.bands.length : isGrey(page.palette) ? 1 : 3);
        }
        float[][] values = new float[channels][grid.voxels()];
        int at = 0;
        for (Page page : pages) {
            for (int c = 0; c < channels; c++) {
                float[] band = page.palette == null
                        ? page.bands[Math.min(c, page.bands.length - 1)]
                        : expand(page.bands[0], page.palette, c);
                System.arraycopy(band, 0, values[c], at, band.length);
            }
            at += page.width * page.height;
        }
        FiniteVoxels.require(file, grid, values);
        return new Image(grid, values);
    }

    static LabelMap labels(Path file) throws IOException {
        List<Page> pages = pages(file);
        Grid grid = grid(pages);
        short[] labels = new short[grid.voxels()];
        int at = 0;
        for (Page page : pages) {
            float[] values = page.palette != null && isGrey(page.palette)
                    ? expand(page.bands[0], page.palette, 0)
                    : common(file, page);
            for (float value : values) {
                labels[at++] = NiftiReader.label(file, value);
            }
        }
        return new LabelMap(grid, labels);
    }

    static Grid grid(Path file) throws IOException {
        try (Opened opened = new Opened(file)) {
            int pages = opened.count();
            opened.requireSize(0, pages);
            return grid(opened.reader.getWidth(0), opened.reader.getHeight(0), pages);
        } catch (StackOverflowError | OutOfMemoryError e) {
            throw FileErrors.reading(file, e);
        }
    }

    private static Grid grid(List<Page> pages) {
        return grid(pages.get(0).width, pages.get(0).height, pages.size());
    }

    private static Grid grid(int width, int height, int pages) {
        return pages == 1 ? Grid.of(width, height) : Grid.of(width, height, pages);
    }

    /** The common value of each pixel's bands. */
    private static float[] common(Path file, Page page) {
        float[] first = page.bands[0];
        for (float[] band : page.bands) {
            for (int i = 0; i < first.length; i++) {
                if (band[i] != first[i]) {
                    throw new AttunetException(
                            file,
                            "the mask has colours, the first at (" + i % page.width + ", " + i / page.width + ")",
                            "one number per pixel: grey values or a palette",
                            "save the labels as grey values");
                }
            }
        }
        return first;
    }

    private static List<Page> pages(Path file) throws IOException {
        try (Opened opened = new Opened(file)) {
            List<Page> pages = new ArrayList<>();
            int count = opened.count();
            for (int i = 0; i < count; i++) {
                opened.requireSize(i, count);
                Page page = opened.page(i);
                Page first = i == 0 ? page : pages.get(0);
                if (page.width != first.width || page.height != first.height) {
                    throw new AttunetException(
                            file,
                            "page " + (i + 1) + " has " + page.width + " x " + page.height + " pixels",
                            "the first page's " + first.width + " x " + first.height,
                            "save the slices with one size, or a single page");
                }
                pages.add(page);
            }
            return pages;
        } catch (StackOverflowError | OutOfMemoryError e) {
            // Decoders allocate what a file claims; a damaged one must not end the process.
            throw FileErrors.reading(file, e);
        }
    }

    /** A file with its decoder. */
    private static final class Opened implements AutoCloseable {
        private final Path file;
        private final FileImageInputStream stream;
        private final ImageReader reader;
        private final long length;
        private @Nullable String damage;

        Opened(Path file) throws IOException {
            this.file = file;
            RasterFormat format = RasterFormat.of(file);
            length = Files.size(file);
            reader = format.reader();
            stream = FileInput.picture(file);
            reader.setInput(stream, false, true);
            // The JPEG decoder fills missing pixels with grey and only warns.
            reader.addIIOReadWarningListener((source, warning) -> {
                String lower = warning.toLowerCase(Locale.ROOT);
                if (lower.contains("corrupt") || lower.contains("premature") || lower.contains("truncated")) {
                    damage = warning;
                }
            });
        }

        int count() throws IOException {
            int count = reader.getNumImages(true);
            if (count < 1) {
                throw new AttunetException(file, "it holds no picture", "one or more", "make the file again");
            }
            return count;
        }

        /** Refuses, before anything is decoded, a page size that this file can't contain on so many pages. */
        void requireSize(int index, int count) throws IOException {
            long pixels = (long) reader.getWidth(index) * reader.getHeight(index);
            long most = length * PIXELS_PER_BYTE + ALWAYS_ALLOWED;
            if (pixels > MOST_PIXELS || pixels * count > most) {
                String size = reader.getWidth(index) + " x " + reader.getHeight(index) + " pixels";
                throw new TooLargeException(
                        file,
                        "it claims " + size + (count > 1 ? " on " + count + " pages" : "") + " in " + length + " bytes",
                        "at most 2^28 pixels, and no more than fit the file",
                        "cut it into tiles, or copy it again if it is damaged");
            }
            // Four samples of up to 2 bytes as decoded, and 4 as floats for the pages and for the volume.
            FileErrors.requireMemory(file, pixels * 24 + pixels * count * 8);
        }

        Page page(int index) throws IOException {
            Page page = isFloatingPoint(index) ? floats(index) : picture(index);
            if (damage != null) {
                throw FileErrors.damaged(file, "its picture is damaged (" + damage + ")", "an undamaged file");
            }
            return page;
        }

        private boolean isFloatingPoint(int index) throws IOException {
            ImageTypeSpecifier type = reader.getRawImageType(index);
            return type != null && type.getSampleModel().getDataType() >= DataBuffer.TYPE_FLOAT;
        }

        /** Samples as stored: in a BufferedImage the decoder would clamp them to 0..1. */
        private Page floats(int index) throws IOException {
            Raster raster = reader.readRaster(index, null);
            return page(raster, raster.getNumBands() < 3 ? 1 : raster.getNumBands() < 5 ? 3 : raster.getNumBands());
        }

        private Page picture(int index) throws IOException {
            BufferedImage image = reader.read(index);
            ColorModel colours = image.getColorModel();
            Raster raster = image.getRaster();
            if (colours instanceof IndexColorModel palette) {
                float[][] indices = {samples(raster, 0)};
                return new Page(image.getWidth(), image.getHeight(), indices, palette);
            }
            Page page = page(raster, colours.getNumColorComponents());
            if (reader.getImageMetadata(index) instanceof TIFFImageMetadata tags) {
                correctSign(page, raster.getDataBuffer().getDataType(), tags);
            }
            return page;
        }

        private Page page(Raster raster, int bands) {
            if ((bands != 1 && bands != 3) || raster.getNumBands() < bands) {
                throw new AttunetException(
                        file, bands + " colour components", "grey or RGB", "convert the picture to RGB");
            }
            float[][] values = new float[bands][];
            for (int b = 0; b < bands; b++) {
                values[b] = samples(raster, b);
            }
            return new Page(raster.getWidth(), raster.getHeight(), values, null);
        }

        @Override
        public void close() throws IOException {
            reader.dispose();
            stream.close();
        }
    }

    private static float[] samples(Raster raster, int band) {
        return raster.getSamples(
                raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), band, (float[]) null);
    }

    /** Corrects samples of a Raster, which always treats 8-bit samples as unsigned and 32-bit ones as signed. */
    private static void correctSign(Page page, int dataType, TIFFImageMetadata tags) {
        Entry format = tags.getTIFFField(TiffWriter.SAMPLE_FORMAT);
        boolean signed = format != null && format.getValueAsString().startsWith("2");
        for (float[] band : page.bands) {
            for (int i = 0; i < band.length; i++) {
                if (signed && dataType == DataBuffer.TYPE_BYTE && band[i] > 127) {
                    band[i] -= 256;
                } else if (!signed && dataType == DataBuffer.TYPE_INT && band[i] < 0) {
                    band[i] = (float) (band[i] + 0x1p32);
                }
            }
        }
    }

    private static boolean isGrey(IndexColorModel palette) {
        for (int i = 0; i < palette.getMapSize(); i++) {
            if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
                return false;
            }
        }
        return true;
    }

    private static float[] expand(float[] indices, IndexColorModel palette, int channel) {
        IntUnaryOperator colour = channel == 0 ? palette::getRed : channel == 1 ? palette::getGreen : palette::getBlue;
        float[] values = new float[indices.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = colour.applyAsInt((int) indices[i]);
        }
        return values;
    }
}
