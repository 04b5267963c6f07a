package org.attunet.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.jspecify.annotations.Nullable;

/**
 * One image as it lies on disk: a single file, several files that hold its channels, or the slices of a series. {@link
 * ChannelGroup} decides which files are channels of one case.
 *
 * @param id names the case in results; unique within a data set
 * @param files in the order of the channels, one or more; a file may itself hold several channels. Of a series its slices, or
 *     the folder that holds them
 * @param pixelSize of an image whose file has none; null if unknown
 * @param frame the first slice's in the first file, from 1, if the files of a series hold several volumes; 0 if they hold one
 */
public record ImageCase(
        String id, List<Path> files, @Nullable PixelSize pixelSize, int frame) {
    /**
     * Checks the components and copies them.
     *
     * @param id names the case in results; unique within a data set
     * @param files in the order of the channels, one or more; a file may itself hold several channels. Of a series its slices,
     *     or the folder that holds them
     * @param pixelSize of an image whose file has none; null if unknown
     * @param frame the first slice's in the first file, from 1, if the files of a series hold several volumes; 0 if they hold
     *     one
     */
    public ImageCase {
        files = List.copyOf(files);
        if (files.isEmpty()) {
            throw new AttunetException("case " + id, "no image file", "one file or more", "add its image");
        }
    }

    /**
     * An image with the pixel size that its file has, if any.
     *
     * @param id names the case
     * @param files in the order of the channels
     */
    public ImageCase(String id, List<Path> files) {
        this(id, files, null, 0);
    }

    /**
     * An image of files that aren't a series' slices.
     *
     * @param id names the case
     * @param files in the order of the channels
     * @param pixelSize of an image whose file has none; null if unknown
     */
    public ImageCase(String id, List<Path> files, @Nullable PixelSize pixelSize) {
        this(id, files, pixelSize, 0);
    }

    /**
     * {@return the same with a pixel size, which counts if the file has none; null for none}
     *
     * @param size the pixel size; null for none
     */
    public ImageCase withPixelSize(@Nullable PixelSize size) {
        return new ImageCase(id, files, size, frame);
    }

    /** {@return whether the files are those of a series, such as DICOM slices} */
    public boolean isSeries() {
        return SeriesFiles.isSeries(files.get(0));
    }

    /**
     * Opens the series that the files are.
     *
     * @return its headers
     * @throws AttunetException if the files are none, or hold several volumes of which {@code frame} begins none
     */
    public StoredSeries series() {
        return SeriesFiles.one(files, frame);
    }

    /**
     * {@return whether the first file has a physical size, so that a pixel size doesn't count}
     *
     * @throws AttunetException if its header can't be read
     */
    public boolean hasOwnSize() {
        return readHeader().grid().hasPhysicalSize();
    }

    /**
     * Lists the images to predict: a file with the other channels beside it, the images in a folder, or those of a data
     * set's folder ({@code imagesTs/}, {@code images/} or {@code imagesTr/}, the first that exists). Subfolders and hidden
     * files are left out. If there is no image file, the series in the folder and the folders in it are listed; each is named
     * after the subfolder or file that holds nothing else, or by {@link StoredSeries#label}.
     *
     * @param input an image, a folder, or a file of a series
     * @param channels the number of channels that the model takes
     * @return sorted by file name, at least one
     * @throws AttunetException if there is no image
     */
    public static List<ImageCase> in(Path input, int channels) {
        return in(input, channels, share -> {});
    }

    /**
     * The same with the progress of reading the headers of series.
     *
     * @param input an image, a folder, or a file of a series
     * @param channels the number of channels that the model takes
     * @param progress receives the share of files whose headers are read, 0 to 1, on the calling thread
     * @return sorted by file name, at least one
     * @throws AttunetException if there is no image
     */
    public static List<ImageCase> in(Path input, int channels, DoubleConsumer progress) {
        if (!Files.exists(input)) {
            throw new AttunetException(
                    input, "no such file or folder", "an image or a folder of images", "check the path");
        }
        if (!Files.isDirectory(input)) {
            return SeriesFiles.isSeries(input)
                    ? SeriesFiles.cases(input, progress)
                    : List.of(withOtherChannels(input, channels));
        }
        List<Path> files = Images.list(input);
        for (String part : List.of("imagesTs", "images", "imagesTr")) {
            if (files.isEmpty() && Files.isDirectory(input.resolve(part))) {
                files = Images.list(input.resolve(part));
            }
        }
        if (files.isEmpty()) {
            if (SeriesFiles.isSeries(input)) {
                return SeriesFiles.cases(input, progress);
            }
            throw Images.noneIn(input);
        }
        return cases(ChannelGroup.withoutOnlyNumber(groups(files, channels), channels));
    }

    private static ImageCase withOtherChannels(Path file, int channels) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null || !ChannelGroup.mayBeChannel(file, channels)) {
            return new ImageCase(Images.stem(file), List.of(file));
        }
        List<Path> numbered = Images.list(folder).stream()
                .filter(other -> ChannelGroup.id(other).equals(ChannelGroup.id(file)))
                .toList();
        return group(numbered, channels).stream()
                .filter(one -> one.files.size() > 1 && one.files.contains(absolute))
                .findFirst()
                .orElseGet(() -> group(List.of(file), channels).get(0));
    }

    /**
     * Groups files for a model as {@link ChannelGroup#forModel} does; reads the headers of numbered files.
     *
     * @param files the files
     * @param channels the number that the model takes
     * @return the cases
     */
    public static List<ImageCase> group(List<Path> files, int channels) {
        return cases(groups(files, channels));
    }

    private static List<ChannelGroup<Path>> groups(List<Path> files, int channels) {
        return ChannelGroup.forModel(files, file -> file, channels, ImageCase::holdsChannels);
    }

    private static List<ImageCase> cases(List<ChannelGroup<Path>> groups) {
        return groups.stream()
                .map(group -> new ImageCase(group.id(), group.files()))
                .toList();
    }

    /**
     * {@return whether a file's header shows several channels; false for unreadable files, and for PNG, JPEG and BMP}
     *
     * @param file the file
     */
    public static boolean holdsChannels(Path file) {
        try {
            boolean shown = Images.isNifti(file) || Images.suffix(file).startsWith(".tif");
            return shown && Images.readHeader(file).channels() > 1;
        } catch (AttunetException e) {
            return false; // reported when it is read
        }
    }

    /**
     * Reads the channels of all files as one image on the first file's grid. A channel whose affine gives the same points
     * in another order or direction of axes is turned.
     *
     * @return all channels on one grid
     * @throws AttunetException if a file can't be read or holds other points than the first
     */
    public Image read() {
        return read(note -> {});
    }

    /**
     * The same with notes.
     *
     * @param notes receives what the user should know before using the image, a sentence each
     * @return all channels on one grid
     */
    public Image read(Consumer<String> notes) {
        if (isSeries()) {
            StoredSeries series = series();
            series.notes().forEach(notes);
            return series.image(share -> {});
        }
        Image read = Images.read(files.get(0));
        Image first = pixelSize == null ? read : new Image(sized(read.grid()), read.channels());
        if (files.size() == 1) {
            return first;
        }
        List<float[]> channels = new ArrayList<>(Arrays.asList(first.channels()));
        for (Path file : files.subList(1, files.size())) {
            Placement placement = Placement.ofChannel(file, files.get(0));
            channels.addAll(
                    Arrays.asList(placement.turn().apply(Images.read(file)).channels()));
        }
        return new Image(first.grid(), channels.toArray(float[][]::new));
    }

    /**
     * Reads the image for a model.
     *
     * @param channels the number of channels that the model takes
     * @return all channels on one grid
     * @throws AttunetException if a channel's file is missing or superfluous, can't be read or lies on another grid
     */
    public Image read(int channels) {
        return read(channels, note -> {});
    }

    /**
     * The same with notes.
     *
     * @param channels the number of channels that the model takes
     * @param notes receives what the user should know before using the image, a sentence each
     * @return all channels on one grid
     */
    public Image read(int channels, Consumer<String> notes) {
        requireNumbers(channels);
        Image image = read(notes);
        requireChannels(image.channels().length, channels);
        return image;
    }

    /**
     * Reads the first file's grid and checks from the headers that the other files hold the same points.
     *
     * @return the first file's grid
     * @throws AttunetException if a header can't be read or the grids differ
     */
    public Grid readGrid() {
        Grid first = readHeader().grid();
        if (isSeries()) {
            return first;
        }
        for (Path file : files.subList(1, files.size())) {
            Placement.ofChannel(file, files.get(0));
        }
        return sized(first);
    }

    /**
     * Reads the first file's header, or the headers of a series.
     *
     * @return its grid and channels
     * @throws AttunetException if a header can't be read
     */
    public Images.Header readHeader() {
        return isSeries() ? series().header() : Images.readHeader(files.get(0));
    }

    private Grid sized(Grid grid) {
        return pixelSize == null ? grid : pixelSize.appliedTo(files.get(0), grid);
    }

    /**
     * Checks by the names that numbered channel files are complete: 0, 1, … without a gap or a double. Fewer files than
     * channels may be complete, since a file may hold several.
     *
     * @param channels the number of channels that the model takes
     * @throws AttunetException if a channel is missing or superfluous
     */
    public void requireNumbers(int channels) {
        List<Integer> numbers = numbers(channels);
        if (files.size() > 1
                && !numbers.isEmpty()
                && (numbers.size() > channels || !numbers.equals(ChannelGroup.upTo(numbers.size())))) {
            throw wrongNumbers(numbers, channels);
        }
    }

    /**
     * Checks the number of channels in files whose names number channels; files of other names are left to the model.
     *
     * @param found the number of channels in all files
     * @param channels the number of channels that the model takes
     * @throws AttunetException if the numbers differ
     */
    public void requireChannels(int found, int channels) {
        List<Integer> numbers = numbers(channels);
        if (found == channels || numbers.isEmpty()) {
            return;
        }
        if (numbers.equals(ChannelGroup.upTo(channels)) || found > files.size()) {
            throw new AttunetException(
                    files.get(0),
                    found + " channels in " + files.size() + (files.size() == 1 ? " file" : " files"),
                    channels + " channels",
                    "give one file for each channel, or one file with all channels");
        }
        throw wrongNumbers(numbers, channels);
    }

    /**
     * Checks that all cases of a data set have the same channel files, if numbered 0, 1, … without a gap.
     *
     * @param cases the cases of a data set
     * @throws AttunetException naming the first case that lacks one
     */
    public static void requireSameChannels(List<ImageCase> cases) {
        int channels = cases.stream().mapToInt(ImageCase::channelFiles).max().orElse(1);
        for (ImageCase one : cases) {
            List<Integer> numbers = one.files.stream().map(ChannelGroup::number).toList();
            boolean complete =
                    one.isNumbered() ? numbers.equals(ChannelGroup.upTo(channels)) : one.files.size() == channels;
            if (channels > 1 && !complete) {
                throw one.wrongNumbers(numbers, channels);
            }
        }
    }

    private int channelFiles() {
        return isNumbered() ? ChannelGroup.number(files.get(files.size() - 1)) + 1 : files.size();
    }

    /** Whether the id is the files' common name without channel numbers. */
    private boolean isNumbered() {
        return files.stream()
                .allMatch(file ->
                        ChannelGroup.number(file) >= 0 && ChannelGroup.id(file).equals(id));
    }

    private List<Integer> numbers(int channels) {
        return !isSeries() && files.stream().allMatch(file -> ChannelGroup.mayBeChannel(file, channels))
                ? files.stream().map(ChannelGroup::number).toList()
                : List.of();
    }

    private AttunetException wrongNumbers(List<Integer> numbers, int channels) {
        return new AttunetException(
                files.get(0),
                numbers.contains(-1)
                        ? "the case has " + files.size() + " files without channel numbers"
                        : "the case has the channels " + text(numbers),
                text(ChannelGroup.upTo(channels)),
                "put all channel files of the case in one folder");
    }

    private static String text(List<Integer> numbers) {
        return numbers.stream()
                .map(number -> String.format(Locale.ROOT, "_%04d", number))
                .collect(Collectors.joining(" "));
    }
}
