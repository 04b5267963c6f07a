package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;

/**
 * One image to segment: a file, or one file for each channel as nnU-Net names them.
 *
 * @param name the files' name without suffix and channel number, or another where a manifest gives one
 * @param files in the order of the channels
 */
public record InputCase(String name, List<Path> files) {
    private static final Pattern CHANNEL = Pattern.compile("(.+)_(\\d{4})");
    // Header affines are single precision; scans of one session differ by no more than their rounding.
    private static final double GRID_TOLERANCE = 1e-3;

    /** Copies the list. */
    public InputCase {
        files = List.copyOf(files);
    }

    /**
     * The images that files stand for, in the order given. For a model of several channels, NIfTI files that differ only
     * in {@code _0000}, {@code _0001}, … at the end of their names are one image. Pictures are never put together: cameras
     * number theirs the same way, and they hold their three channels in one file.
     */
    public static List<InputCase> group(List<Path> files, int channels) {
        Map<Path, List<Path>> groups = new LinkedHashMap<>();
        for (Path file : files) {
            groups.computeIfAbsent(file.resolveSibling(name(file, channels)), key -> new ArrayList<>())
                    .add(file);
        }
        List<InputCase> cases = new ArrayList<>();
        groups.forEach((key, members) -> {
            boolean numbered = members.stream().allMatch(file -> isChannel(file, channels));
            if (numbered) {
                members.sort(Comparator.comparing(Images::stem));
                cases.add(new InputCase(name(members.get(0), channels), members));
            } else {
                members.forEach(file -> cases.add(new InputCase(Images.stem(file), List.of(file))));
            }
        });
        return cases;
    }

    private static String name(Path file, int channels) {
        Matcher matcher = CHANNEL.matcher(Images.stem(file));
        return isChannel(file, channels) && matcher.matches() ? matcher.group(1) : Images.stem(file);
    }

    private static boolean isChannel(Path file, int channels) {
        return channels > 1
                && isNifti(file)
                && CHANNEL.matcher(Images.stem(file)).matches();
    }

    /** Whether a file's name ends like a NIfTI file's. */
    public static boolean isNifti(Path file) {
        return Images.suffix(file).startsWith(".nii");
    }

    /**
     * The image, its channels put together.
     *
     * @param channels the channels that the model takes
     * @throws org.attunet.error.AttunetException naming the file that can't be read, or that doesn't go with the first
     */
    public Image read(int channels) {
        Image first = Images.read(files.get(0));
        boolean complete = first.channels().length != 1 || !isChannel(files.get(0), channels);
        if (files.size() == 1 && complete) {
            return first;
        }
        requireNumbered(channels);
        float[][] all = new float[channels][];
        for (int c = 0; c < channels; c++) {
            Image channel = c == 0 ? first : Images.read(files.get(c));
            check(files.get(c), channel, first.grid());
            all[c] = channel.channel(0);
        }
        return new Image(first.grid(), all);
    }

    /**
     * Holds the files' numbers against the channels that a model takes, where they are numbered.
     *
     * @throws AttunetException where one is missing or too many
     */
    public void requireNumbered(int channels) {
        if (!files.stream().allMatch(file -> isChannel(file, channels))) {
            return;
        }
        List<String> found = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Path file : files) {
            String stem = Images.stem(file);
            found.add(stem.substring(stem.length() - "_0000".length()));
        }
        for (int c = 0; c < channels; c++) {
            expected.add(String.format(Locale.ROOT, "_%04d", c));
        }
        if (!found.equals(expected)) {
            throw new AttunetException(
                    files.get(0),
                    "the case has the channels " + String.join(" ", found),
                    String.join(" ", expected),
                    "put one file for each channel beside each other");
        }
    }

    private static void check(Path file, Image channel, Grid grid) {
        if (channel.channels().length != 1) {
            throw new AttunetException(
                    file,
                    channel.channels().length + " channels",
                    "1 channel in each numbered file",
                    "give either numbered files or one file with all channels");
        }
        if (!channel.grid().sameAs(grid, GRID_TOLERANCE)) {
            throw new AttunetException(
                    file,
                    "a grid of " + channel.grid() + " in its own place",
                    "the first channel's, " + grid,
                    "resample the channels to one grid");
        }
    }
}
