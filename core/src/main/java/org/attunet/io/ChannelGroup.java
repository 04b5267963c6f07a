package org.attunet.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The files that hold one case's channels. nnU-Net numbers them at the end of their names, {@code ID_0000}, {@code
 * ID_0001}, …, which is also how scanners and cameras number whole images. Numbered files of one folder and ID are
 * channels of one case if
 *
 * <ul>
 *   <li>their numbers are 0, 1, … without a gap, and no more than a case has channels: {@code scan_0001} and {@code
 *       scan_0002} are two images;
 *   <li>the first file doesn't hold several channels itself;
 *   <li>in a data set, the masks are named after the IDs and not after the files.
 * </ul>
 *
 * <p>All other files are cases of their own, named after their stems.
 *
 * @param <T> a file, or its entry in a listing
 * @param id the files' common name without channel number and suffix, or one file's stem
 * @param files in the order of the channels
 */
public record ChannelGroup<T>(String id, List<T> files) {
    private static final Pattern NUMBERED = Pattern.compile("(.+)_(\\d{4})");
    private static final int COLOURS = 3;

    /**
     * Copies the components.
     *
     * @param id the files' common name without channel number and suffix, or one file's stem
     * @param files in the order of the channels
     */
    public ChannelGroup {
        files = List.copyOf(files);
    }

    /**
     * Groups files for a model. Pictures are grouped only if they can't hold the model's channels in one file, that is
     * unless it takes 3.
     *
     * @param <T> what a file is
     * @param files in the order of the result
     * @param path where a file lies; need not exist
     * @param channels the number of channels that the model takes; with 1, each file is a case
     * @param whole whether a file is known to hold several channels
     * @return the groups
     */
    public static <T> List<ChannelGroup<T>> forModel(
            List<T> files, Function<T, Path> path, int channels, Predicate<T> whole) {
        return group(files, path, file -> mayBeChannel(file, channels), numbered -> {
            List<Integer> numbers = numbered.files.stream()
                    .map(file -> number(path.apply(file)))
                    .distinct()
                    .toList();
            return numbers.size() <= channels
                    && numbers.equals(upTo(numbers.size()))
                    && !whole.test(numbered.files.get(0));
        });
    }

    /**
     * {@return the groups of a folder for a model, named as a training names them: if all files of a model of one channel
     * are numbered {@code _0000}, as nnU-Net numbers the only channel, the names lose the number}
     *
     * @param <T> what a file is
     * @param groups the groups of files
     * @param channels the number that the model takes
     */
    public static <T> List<ChannelGroup<T>> withoutOnlyNumber(List<ChannelGroup<T>> groups, int channels) {
        boolean only = channels == 1 && groups.stream().allMatch(group -> number(group.id) == 0);
        return only
                ? groups.stream()
                        .map(group -> new ChannelGroup<>(group.id.substring(0, group.id.length() - 5), group.files))
                        .toList()
                : groups;
    }

    /**
     * Groups the images of a data set by its masks.
     *
     * @param files the images, sorted by name
     * @param declared the number of channels that the data set declares; 0 if it declares none
     * @param masked whether there is a mask for a name
     * @return the groups
     */
    public static List<ChannelGroup<Path>> forMasks(List<Path> files, int declared, Predicate<String> masked) {
        Predicate<Path> channel = file -> isNumbered(file) && !masked.test(Images.stem(file));
        int channels = Math.max(declared, mostChannels(files, channel, masked));
        return group(
                files,
                file -> file,
                channel,
                numbered ->
                        masked.test(numbered.id) && numbered.files.stream().allMatch(file -> number(file) < channels));
    }

    /** The most channels that a masked case with a channel 0 has, gaps included. */
    private static int mostChannels(List<Path> files, Predicate<Path> channel, Predicate<String> masked) {
        return files.stream()
                .filter(channel)
                .collect(Collectors.groupingBy(
                        ChannelGroup::id, Collectors.mapping(ChannelGroup::number, Collectors.toList())))
                .entrySet()
                .stream()
                .filter(one -> masked.test(one.getKey()) && one.getValue().contains(0))
                .mapToInt(one -> Collections.max(one.getValue()) + 1)
                .max()
                .orElse(0);
    }

    private static <T> List<ChannelGroup<T>> group(
            List<T> files, Function<T, Path> path, Predicate<Path> channel, Predicate<ChannelGroup<T>> together) {
        Map<Path, List<T>> numbered = new LinkedHashMap<>();
        for (T file : files) {
            Path at = path.apply(file);
            if (channel.test(at)) {
                numbered.computeIfAbsent(at.resolveSibling(id(at)), key -> new ArrayList<>())
                        .add(file);
            }
        }
        Map<Path, ChannelGroup<T>> grouped = new HashMap<>();
        numbered.forEach((at, members) -> {
            members.sort(Comparator.comparing(file -> number(path.apply(file))));
            var group = new ChannelGroup<>(String.valueOf(at.getFileName()), members);
            if (together.test(group)) {
                grouped.put(at, group);
            }
        });
        Set<ChannelGroup<T>> groups = new LinkedHashSet<>();
        List<ChannelGroup<T>> all = new ArrayList<>();
        for (T file : files) {
            Path at = path.apply(file);
            ChannelGroup<T> group = channel.test(at) ? grouped.get(at.resolveSibling(id(at))) : null;
            if (group == null) {
                all.add(new ChannelGroup<>(Images.stem(at), List.of(file)));
            } else if (groups.add(group)) {
                all.add(group);
            }
        }
        return all;
    }

    /** Returns whether a file's name allows it to be a channel of a model's image. */
    static boolean mayBeChannel(Path file, int channels) {
        return channels > 1 && isNumbered(file) && (Images.isNifti(file) || channels != COLOURS);
    }

    /** The number at the end of a channel file's name, 0 to 9999; -1 if there is none. */
    static int number(Path file) {
        return number(Images.stem(file));
    }

    /**
     * {@return the channel number at the end of a stem, 0 to 9999; -1 if there is none}
     *
     * @param stem the file's name without its suffix
     */
    public static int number(String stem) {
        Matcher name = NUMBERED.matcher(stem);
        return name.matches() ? Integer.parseInt(name.group(2)) : -1;
    }

    private static boolean isNumbered(Path file) {
        return number(file) >= 0;
    }

    /** A numbered file's name without channel number and suffix; the stem of another file. */
    static String id(Path file) {
        Matcher name = NUMBERED.matcher(Images.stem(file));
        return name.matches() ? name.group(1) : Images.stem(file);
    }

    /** The numbers of n channels: 0 to n - 1. */
    static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }
}
