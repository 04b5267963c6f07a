package org.attunet.io;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.picture.Pictures;

/** Writes PNG, JPEG and BMP files through ImageIO, and TIFF through {@link TiffWriter}. */
final class RasterWriter {
    private static final float JPEG_QUALITY = 0.95f;

    private RasterWriter() {}

    static void write(Image image, Path file, String suffix) {
        int channels = image.channels().length;
        if (channels != 1 && channels != 3) {
            throw new AttunetException(
                    file,
                    channels + " channels",
                    "1 or 3 channels",
                    "write the image as .nii.gz, or channel by channel");
        }
        if (isTiff(suffix)) {
            TiffWriter.write(image, file);
            return;
        }
        requirePlane(image.grid(), file);
        save(Pictures.of(image), file, suffix);
    }

    static void write(LabelMap labels, Path file, String suffix) {
        if (suffix.equals(".jpg") || suffix.equals(".jpeg")) {
            throw new AttunetException(
                    file, "JPEG changes the values it stores", "a format without loss", "write the labels as .png");
        }
        if (isTiff(suffix)) {
            TiffWriter.write(labels, file);
            return;
        }
        requirePlane(labels.grid(), file);
        int largest = labels.largest();
        if (largest > 255 && suffix.equals(".bmp")) {
            throw new AttunetException(file, "the label " + largest, "labels up to 255 in BMP", "write .png");
        }
        save(Pictures.grey(labels), file, suffix);
    }

    /** Writes 16 bits. */
    static void writePng(WholeNumbers numbers, Path file) {
        Grid grid = numbers.grid();
        requirePlane(grid, file);
        if (numbers.bits() > 16) {
            throw new AttunetException(
                    file, "more than 65535 objects, or larger numbers", "at most 65535 in PNG", "write .tif");
        }
        BufferedImage picture = new BufferedImage(grid.size(0), grid.size(1), BufferedImage.TYPE_USHORT_GRAY);
        short[] pixels = ((DataBufferUShort) picture.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) numbers.values()[i];
        }
        save(picture, file, ".png");
    }

    private static boolean isTiff(String suffix) {
        return suffix.equals(".tif") || suffix.equals(".tiff");
    }

    private static void requirePlane(Grid grid, Path file) {
        if (grid.dimension() != 2) {
            throw new AttunetException(file, "a volume, " + grid, "a 2D image", "write it as .nii.gz or .tif");
        }
    }

    private static void save(BufferedImage picture, Path file, String suffix) {
        String format = suffix.substring(1).replace("jpg", "jpeg");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam settings = writer.getDefaultWriteParam();
            if (format.equals("jpeg")) {
                settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                settings.setCompressionQuality(JPEG_QUALITY);
            }
            writer.write(null, new IIOImage(picture, null, null), settings);
        } catch (IOException e) {
            throw FileErrors.writing(file, e);
        } finally {
            writer.dispose();
        }
        WholeFile.write(file, bytes.toByteArray());
    }
}
