package org.attunet.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Image files to {@link Image} and {@link LabelMap}, and back.
 *
 * <table>
 * <caption>Formats, told by the end of the file's name</caption>
 * <tr><th>format</th><th>read</th><th>written</th></tr>
 * <tr><td>NIfTI-1 and -2: {@code .nii}, {@code .nii.gz}</td><td>all integer and float types, RGB; 2D, 3D; the fourth
 * axis holds channels</td><td>images as float32, labels as uint8 or uint16</td></tr>
 * <tr><td>PNG, BMP, JPEG: {@code .png .bmp .jpg .jpeg}</td><td>grey, palette, RGB, with or without alpha, which is
 * dropped; 8 and 16 bit keep their values</td><td>images of 1 or 3 channels, rounded and clamped to 0..255; labels as
 * 8 bit, in PNG as 16 bit where they need it, never as JPEG</td></tr>
 * <tr><td>TIFF: {@code .tif .tiff}</td><td>the same, also float; pages of one size are the slices of a
 * volume</td><td>images of 1 or 3 channels and labels in the narrowest of 8 bit, 16 bit and
 * float32 that holds them as they are</td></tr>
 * </table>
 *
 * <p>Spacing and orientation are NIfTI's alone; pictures have spacing 1. Colour images give 3 channels (red, green,
 * blue), grey ones and palettes of nothing but greys give 1. In a mask a voxel's label is its grey value, or the common
 * value of its three colours, or its index in a palette that holds colours; black-and-white masks of 1 bit have the
 * labels 0 and 255.
 *
 * <p>All methods are safe to call from several threads at a time. All failures are {@link AttunetException}s that name
 * the file: damaged, truncated and lying files, values that are not finite, labels that are not whole numbers from 0 to
 * 65535. Nothing is written in part ({@link WholeFile}).
 */
public final class Images {
    private static final List<String> NIFTI = List.of(".nii.gz", ".nii");
    private static final List<String> RASTER = List.of(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp");

    private static final int MOST_PICTURE_CHANNELS = 3;

    private Images() {}

    /** Reads intensities. */
    public static Image read(Path file) {
        try {
            if (isNifti(file)) {
                try (NiftiReader reader = new NiftiReader(file)) {
                    return reader.image();
                }
            }
            return RasterReader.image(file);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /** Reads a mask. */
    public static LabelMap readLabels(Path file) {
        try {
            if (isNifti(file)) {
                try (NiftiReader reader = new NiftiReader(file)) {
                    return reader.labels();
                }
            }
            return RasterReader.labels(file);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /** Reads where the voxels lie, from the header alone. */
    public static Grid readGrid(Path file) {
        return readHeader(file).grid();
    }

    /**
     * What a file's header tells.
     *
     * @param grid where the voxels lie
     * @param channels of a picture, which tells them when it is decoded, the most that it may have
     */
    public record Header(Grid grid, int channels) {}

    /** Reads where the voxels lie and how many channels there are, from the header alone. */
    public static Header readHeader(Path file) {
        try {
            if (isNifti(file)) {
                try (NiftiReader reader = new NiftiReader(file)) {
                    return new Header(reader.grid(), reader.channels());
                }
            }
            return new Header(RasterReader.grid(file), MOST_PICTURE_CHANNELS);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /** Writes intensities in the format of the file's name. */
    public static void write(Image image, Path file) {
        if (isNifti(file)) {
            NiftiWriter.write(image, file);
        } else {
            RasterWriter.write(image, file, rasterSuffix(file));
        }
    }

    /**
     * Writes red, green and blue as a NIfTI file of RGB24 voxels, rounded and clamped to 0..255.
     *
     * @param image 3 channels
     * @param file ends with {@code .nii} or {@code .nii.gz}
     */
    public static void writeColours(Image image, Path file) {
        if (image.channels().length != 3 || !isNifti(file)) {
            throw new AttunetException(
                    file,
                    image.channels().length + " channels for \"" + suffix(file) + "\"",
                    "3 channels and NIfTI",
                    "write other images with their own format");
        }
        NiftiWriter.writeColours(image, file);
    }

    /** Writes labels in the format of the file's name, without loss: JPEG is refused. */
    public static void write(LabelMap labels, Path file) {
        if (isNifti(file)) {
            NiftiWriter.write(labels, file);
        } else {
            RasterWriter.write(labels, file, rasterSuffix(file));
        }
    }

    /** Whether a file's name ends like an image's; hidden files are none. */
    public static boolean isImage(Path file) {
        String name = name(file);
        return !name.startsWith(".") && (endsWithOneOf(name, NIFTI) || endsWithOneOf(name, RASTER));
    }

    /**
     * Lists the image files directly in a folder, sorted by name.
     *
     * @throws AttunetException if the folder can't be listed
     */
    public static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> isImage(file) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it cannot be listed (" + e.getMessage() + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
    }

    /** The file's name without its suffix: {@code case_1} for {@code images/case_1.nii.gz}. */
    public static String stem(Path file) {
        String name = name(file);
        return name.substring(0, name.length() - suffix(file).length());
    }

    /**
     * The end of the file's name that tells the format, in lower case and with its dot: {@code .nii.gz} or {@code .png};
     * of other files whatever follows the last dot, or nothing.
     */
    public static String suffix(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        int dot = name.endsWith(".nii.gz") ? name.length() - 7 : name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    /** Returns whether a file's name ends like a NIfTI file's. */
    public static boolean isNifti(Path file) {
        return endsWithOneOf(name(file), NIFTI);
    }

    private static String rasterSuffix(Path file) {
        String suffix = suffix(file);
        if (!RASTER.contains(suffix)) {
            throw unknown(file);
        }
        return suffix;
    }

    /** A name that no format claims. */
    static AttunetException unknown(Path file) {
        return new AttunetException(
                file,
                "its name ends with \"" + suffix(file) + "\"",
                "one of " + String.join(" ", NIFTI) + " " + String.join(" ", RASTER),
                "convert the file or correct its name");
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString();
    }

    private static boolean endsWithOneOf(String name, List<String> suffixes) {
        String lower = name.toLowerCase(Locale.ROOT);
        return suffixes.stream().anyMatch(lower::endsWith);
    }
}
