package org.attunet.io;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.PictureFile.Picture;
import org.jspecify.annotations.Nullable;

/**
 * Reads image files to {@link Image} and {@link LabelMap}, and writes them.
 *
 * <table>
 * <caption>Formats, by the suffix of the file's name</caption>
 * <tr><th>format</th><th>read</th><th>written</th></tr>
 * <tr><td>NIfTI-1 and -2: {@code .nii}, {@code .nii.gz}; pairs {@code .hdr .img}, compressed or not, only read</td><td>all integer and float types, RGB; 2D, 3D; the fourth
 * axis holds channels</td><td>images as float32, labels as uint8 or uint16</td></tr>
 * <tr><td>PNG, BMP, JPEG: {@code .png .bmp .jpg .jpeg}</td><td>grey, palette, RGB, turned
 * as EXIF asks, alpha is dropped; 8 and 16 bit keep their values, colour profiles and gamma change none</td><td>images of 1 or 3 channels, rounded and clamped to 0..255; labels as 8 bit, in PNG as 16 bit if
 * necessary, never as JPEG</td></tr>
 * <tr><td>TIFF: {@code .tif .tiff}</td><td>whole numbers of 1 to 32 bits, floats of 16, 32 and 64; samples beyond the colour
 * are channels unless declared as alpha; pages are the channels and slices that ImageJ, OME-XML or tifffile describe, else
 * slices</td><td>images of 1 or 3 channels and labels in the narrowest of 8 bit, 16 bit and float32 that is exact</td></tr>
 * <tr><td>DICOM, if a {@link SeriesFormat} is installed: a file, or a folder of one series</td><td>one volume or picture</td><td>no, but
 * {@link StoredSeries#write}</td></tr>
 * </table>
 *
 * <p>Only NIfTI has an orientation. TIFF has a pixel size if ImageJ or OME-XML describe one, in any unit of length; a
 * resolution in dots per inch isn't one. Other pictures have no physical size. Colour images have 3 channels (red, green, blue), grey
 * images and grey palettes have 1. In a mask, a voxel's label is its grey value, or the common value of its three colours, or
 * its index in a colour palette, or its alpha in a PNG or TIFF file of one colour everywhere; black-and-white masks of 1 bit have the
 * labels 0 and 255.
 *
 * <p>Thread-safe. All failures are {@link AttunetException}s that name the file: damaged and truncated files, headers that
 * contradict the content, values that are not finite, labels that are not whole numbers from 0 to 65535. Files are written
 * atomically ({@link WholeFile}).
 */
public final class Images {
    private static final List<String> NIFTI = List.of(".nii.gz", ".nii");
    private static final List<String> RASTER = List.of(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp");

    /** What is read, for failures. */
    static final String READ_FORMATS =
            (SeriesFiles.FORMAT == null ? "" : "DICOM, ") + "NIfTI (.nii, .nii.gz, .hdr/.img), PNG, JPEG, TIFF or BMP";

    /** The name of pictures in memory in failures. */
    private static final Path PICTURE = Path.of("picture");

    private Images() {}

    private interface Reading<S, T> {
        T of(S source) throws IOException;
    }

    private static <T> T read(Path file, Reading<NiftiReader, T> nifti, Reading<Path, T> raster) {
        Objects.requireNonNull(file, "the file must not be null");
        try {
            if (isNifti(file)) {
                try (NiftiReader reader = new NiftiReader(file)) {
                    return nifti.of(reader);
                }
            }
            return raster.of(file);
        } catch (IOException | RuntimeException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /**
     * Reads intensities.
     *
     * @param file the file
     * @return the image
     */
    public static Image read(Path file) {
        return SeriesFiles.isSeries(file)
                ? SeriesFiles.one(List.of(file), 0).image(share -> {})
                : read(file, NiftiReader::image, RasterReader::image);
    }

    /**
     * Reads intensities from a stream to its end, which stays open. It passes through a temporary file; one of more bytes
     * than twice this process' memory is refused.
     *
     * @param in the stream, which stays open
     * @param format the format of its bytes
     * @return the image
     * @throws AttunetException about the "stream" if it is damaged, ends early, is of another format or can't be read
     */
    public static Image read(InputStream in, ImageFormat format) {
        return ImageStream.read(in, format, Images::read);
    }

    /**
     * The same with another limit.
     *
     * @param in the stream, which stays open
     * @param format the format of its bytes
     * @param mostBytes a longer stream is refused, such as one from a client
     * @return the image
     */
    public static Image read(InputStream in, ImageFormat format, long mostBytes) {
        return ImageStream.read(in, format, mostBytes, Images::read);
    }

    /**
     * Reads the labels of a mask from a stream, as {@link #read(InputStream, ImageFormat)} reads intensities.
     *
     * @param in the stream, which stays open
     * @param format the format of its bytes
     * @return one label for each voxel
     */
    public static LabelMap readLabels(InputStream in, ImageFormat format) {
        return ImageStream.read(in, format, Images::readLabels);
    }

    /**
     * {@return the intensities of a picture as they are stored: grey (1 channel), or red, green and blue (3 channels);
     * palettes give their colours, grey palettes 1 channel} Values of 8 and 16 bits and floats are kept, fewer bits are
     * spread over 0 to 255, alpha is dropped. It has no physical size; {@link Image#withSpacing} gives it one.
     *
     * @param picture copied; of any type, also with a part of another picture's raster
     * @throws AttunetException if its colours are neither grey nor RGB, or a value isn't finite
     */
    public static Image of(BufferedImage picture) {
        Picture decoded = decoded(picture);
        float[][] channels = new float[decoded.channels()][];
        Arrays.setAll(channels, decoded::channel);
        return new Image(Grid.ofPixels(picture.getWidth(), picture.getHeight()), channels)
                .requireFinite(PICTURE.toString());
    }

    /**
     * {@return the labels of a picture, by the rules for masks in files}
     *
     * @param picture the picture, which is copied
     * @throws AttunetException if it has colours without a palette, or numbers that are no labels
     */
    public static LabelMap labelsOf(BufferedImage picture) {
        float[] values = new MaskPicture(PICTURE, decoded(picture), picture.getWidth()).values();
        short[] labels = new short[values.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = NiftiReader.label(PICTURE, values[i]);
        }
        return new LabelMap(Grid.ofPixels(picture.getWidth(), picture.getHeight()), labels);
    }

    private static Picture decoded(BufferedImage picture) {
        Objects.requireNonNull(
                picture, "the picture must not be null; ImageIO.read returns null for a format that it doesn't know");
        return new DecodedPicture(PICTURE, picture).picture();
    }

    /**
     * Reads the labels of a mask.
     *
     * @param file the file
     * @return one label for each voxel
     */
    public static LabelMap readLabels(Path file) {
        return readMask(file).labels();
    }

    /**
     * Reads a mask.
     *
     * @param file the file
     * @return the labels and what they were in the file
     */
    public static StoredMask readMask(Path file) {
        if (SeriesFiles.isSeries(file)) {
            throw new AttunetException(
                    file,
                    "a mask in DICOM, whose voxels are those of its image",
                    "NIfTI, PNG, TIFF or BMP where no image is at hand",
                    "convert it: attunet convert " + file.getFileName() + " --like SERIES -o mask.nii.gz");
        }
        return read(file, nifti -> new StoredMask(nifti.labels(), StoredMask.Source.VALUES), RasterReader::mask);
    }

    /** Whole numbers of a file that is neither DICOM nor NRRD. */
    static WholeNumbers readNumbers(Path file) {
        return read(file, WholeNumbers::of, RasterReader::numbers);
    }

    /**
     * Reads the mask of an image. A DICOM mask of a series (SEG, RTSTRUCT) is brought to its voxels; any other is read as it
     * is.
     *
     * @param file the mask's
     * @param image the image's file or folder
     * @param labels the labels that a DICOM mask's structures are named after; null to number them as it does
     * @return the labels
     */
    public static StoredMask readMask(Path file, Path image, @Nullable LabelSet labels) {
        return SeriesFiles.isSeries(file) && SeriesFiles.isSeries(image)
                ? SeriesFiles.one(List.of(image), 0).mask(file, labels)
                : readMask(file);
    }

    /**
     * Reads the grid, from the header alone.
     *
     * @param file the file
     * @return the lattice of the voxels
     */
    public static Grid readGrid(Path file) {
        return readHeader(file).grid();
    }

    /**
     * A file's header.
     *
     * @param grid the lattice of the voxels
     * @param channels of PNG, JPEG and BMP, the largest possible number, since only decoding shows it
     * @param oriented whether the file itself gives the voxels a place and directions in the world: a NIfTI file whose
     *     code of sform or qform is above 0, or a DICOM volume
     */
    public record Header(Grid grid, int channels, boolean oriented) {}

    /**
     * Reads the grid and the number of channels, from the header alone.
     *
     * @param file the file
     * @return grid, channels and orientation
     */
    public static Header readHeader(Path file) {
        if (SeriesFiles.isSeries(file)) {
            return SeriesFiles.one(List.of(file), 0).header();
        }
        return read(file, nifti -> new Header(nifti.grid(), nifti.channels(), nifti.oriented()), RasterReader::header);
    }

    /**
     * Writes intensities in the format of the file's name.
     *
     * @param image the intensities
     * @param file its suffix decides the format
     */
    public static void write(Image image, Path file) {
        if (isWrittenAsNifti(file)) {
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
        if (image.channels().length != 3 || !isWrittenAsNifti(file)) {
            throw new AttunetException(
                    file,
                    image.channels().length + " channels for \"" + suffix(file) + "\"",
                    "3 channels and NIfTI",
                    "write other images with their own format");
        }
        NiftiWriter.writeColours(image, file);
    }

    /**
     * Writes the channels of a picture as the pages of a TIFF file, as float32 whatever the values are.
     *
     * @param image in 2D
     * @param file ends with {@code .tif}
     */
    public static void writePages(Image image, Path file) {
        if (image.grid().dimension() != 2 || !suffix(file).startsWith(".tif")) {
            throw new AttunetException(
                    file, image.grid() + " as pages of TIFF", "a picture and a name with .tif", "write .nii.gz");
        }
        TiffWriter.writePages(image, file);
    }

    /**
     * Writes labels in the format of the file's name, without loss: JPEG is refused.
     *
     * @param labels the mask
     * @param file its suffix decides the format
     */
    public static void write(LabelMap labels, Path file) {
        if (isWrittenAsNifti(file)) {
            NiftiWriter.write(labels, file);
        } else {
            RasterWriter.write(labels, file, rasterSuffix(file));
        }
    }

    /**
     * Writes intensities to a stream, which stays open, through a temporary file.
     *
     * @param image the intensities
     * @param out the stream, which stays open
     * @param format the format of its bytes
     */
    public static void write(Image image, OutputStream out, ImageFormat format) {
        ImageStream.write(out, format, file -> write(image, file));
    }

    /**
     * Writes labels to a stream, which stays open, through a temporary file; JPEG is refused.
     *
     * @param labels the mask
     * @param out the stream, which stays open
     * @param format the format of its bytes
     */
    public static void write(LabelMap labels, OutputStream out, ImageFormat format) {
        ImageStream.write(out, format, file -> write(labels, file));
    }

    /**
     * {@return whether a file has an image's suffix and is not hidden} A pair goes by its header, {@code .hdr}.
     *
     * @param file its path
     */
    public static boolean isImage(Path file) {
        boolean nifti = NIFTI.contains(suffix(file)) || NiftiFiles.isHeader(file);
        return !name(file).startsWith(".") && (nifti || RASTER.contains(suffix(file)));
    }

    /**
     * {@return the files that hold an image: the file itself, the header and the voxels of a pair, or a series' slices}
     *
     * @param file the file
     * @throws AttunetException if it is half of a pair without the other half
     */
    public static List<Path> files(Path file) {
        if (Files.isDirectory(file)) {
            return SeriesFiles.one(List.of(file), 0).files();
        }
        NiftiFiles files = NiftiFiles.of(file);
        return files.isPair() ? List.of(files.header(), files.voxels()) : List.of(file);
    }

    /**
     * {@return the names that the other half of a {@code .hdr/.img} pair may have, by the name of one; empty for other
     * names}
     *
     * @param name the name
     */
    public static List<String> otherHalves(String name) {
        return NiftiFiles.otherHalves(name);
    }

    /**
     * Lists the image files directly in a folder, sorted by name.
     *
     * @param folder its path
     * @return the files
     * @throws AttunetException if the folder can't be listed
     */
    public static List<Path> list(Path folder) {
        return list(folder, file -> isImage(file) && Files.isRegularFile(file));
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(wanted).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it cannot be listed (" + e.getMessage() + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
    }

    /**
     * Lists what a data set's folder holds: image files, and files and subfolders of series, sorted by name.
     *
     * @param folder its path
     * @return the paths
     * @throws AttunetException if the folder can't be listed
     */
    public static List<Path> listWithSeries(Path folder) {
        return list(folder, file -> (isImage(file) && Files.isRegularFile(file)) || SeriesFiles.isSeries(file));
    }

    /**
     * {@return whether a path is that of a series, such as a folder of DICOM slices}
     *
     * @param path a file or folder
     */
    public static boolean isSeries(Path path) {
        return SeriesFiles.isSeries(path);
    }

    /**
     * {@return whether a file is a scan, by its format: NIfTI, or DICOM that says where it lies; other formats hold pictures}
     *
     * @param path a file, or a folder of a series
     * @throws AttunetException if it is DICOM whose headers can't be read
     */
    public static boolean isScan(Path path) {
        return isNifti(path) || (SeriesFiles.isSeries(path) && readHeader(path).oriented());
    }

    /**
     * {@return the failure for a folder without images; it names files of formats that aren't read}
     *
     * @param folder its path
     */
    public static AttunetException noneIn(Path folder) {
        String foreign = ForeignFormat.in(folder);
        return new AttunetException(
                folder,
                "no image file in the folder" + (foreign.isEmpty() ? "" : ", but " + foreign),
                READ_FORMATS + " files",
                foreign.isEmpty()
                        ? "put the files there, or give another folder"
                        : "convert them, or give another folder");
    }

    /**
     * Names the format of a file that isn't an image by its name.
     *
     * @param file the file
     * @throws AttunetException if it is of a known format that isn't read, with the way out
     */
    public static void requireNotForeign(Path file) {
        try {
            ForeignFormat foreign = Files.isRegularFile(file) ? ForeignFormat.of(file) : null;
            if (foreign != null) {
                throw foreign.refusal(file);
            }
        } catch (IOException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /**
     * {@return the file's name without its suffix: {@code case_1} for {@code images/case_1.nii.gz}}
     *
     * @param file its path
     */
    public static String stem(Path file) {
        String name = name(file);
        if (Files.isDirectory(file)) {
            return name;
        }
        return name.substring(0, name.length() - suffix(file).length());
    }

    /**
     * {@return the end of the file's name that identifies the format, in lower case and with its dot: {@code .nii.gz} or
     * {@code .png}; of other files the part from the last dot, or nothing}
     *
     * @param file its path
     */
    public static String suffix(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        int dot = name.matches(".*\\.(nii|hdr|img)\\.gz") ? name.length() - 7 : name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    /**
     * {@return whether a file's name ends like a NIfTI file's}
     *
     * @param file its path
     */
    public static boolean isNifti(Path file) {
        return NIFTI.contains(suffix(file)) || NiftiFiles.isHalf(file);
    }

    private static boolean isWrittenAsNifti(Path file) {
        return NIFTI.contains(suffix(file));
    }

    /**
     * Checks by a file's name that images can be written to it.
     *
     * @param file the file
     * @throws AttunetException if its format is none or only read
     */
    public static void requireWritten(Path file) {
        if (!isWrittenAsNifti(file)) {
            rasterSuffix(file);
        }
    }

    private static String rasterSuffix(Path file) {
        String suffix = suffix(file);
        if (!RASTER.contains(suffix)) {
            throw new AttunetException(
                    file,
                    "its name ends with \"" + suffix + "\"",
                    "one of " + String.join(" ", NIFTI) + " " + String.join(" ", RASTER),
                    "convert the file or correct its name");
        }
        return suffix;
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString();
    }
}
