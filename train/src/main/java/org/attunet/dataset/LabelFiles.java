package org.attunet.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * Masks with a file for each label of an image, so that labels may overlap: {@code masks/x_liver.png} and {@code
 * masks/x_vessel.png}, or {@code masks/liver/x.png} and {@code masks/vessel/x.png}.
 *
 * @param labels in the order of their values in {@code dataset.json}, else by their names; a later one is written over an
 *     earlier one
 * @param masks by the names of their images
 */
record LabelFiles(LabelSet labels, Map<String, Mask> masks) {
    private static final Pattern WORD = Pattern.compile("\\p{L}[\\p{L}\\p{N} _+-]*");
    private static final Pattern SEPARATOR = Pattern.compile("[_\\-. ]");
    private static final Set<String> MASK_WORDS =
            Set.of("mask", "masks", "seg", "segmentation", "label", "labels", "gt", "annotation");

    /**
     * Looks for such masks.
     *
     * @param images the names of the images
     * @param declared the labels of {@code dataset.json}; null if it declares none
     * @return null if the masks are no such files
     * @throws AttunetException if there are more labels than may overlap
     */
    static @Nullable LabelFiles in(Set<String> images, Path maskFolder, @Nullable LabelSet declared) {
        if (declared != null && declared.hasRegions()) {
            return null;
        }
        Map<String, Map<String, Path>> found = inFolders(images, maskFolder, declared);
        if (found.isEmpty()) {
            found = bySuffix(images, Images.listWithSeries(maskFolder), declared);
        }
        if (found.isEmpty()) {
            return null;
        }
        Set<String> present = found.keySet();
        List<String> names = declared == null
                ? List.copyOf(present)
                : declared.names().stream()
                        .filter(name -> contains(present, name))
                        .toList();
        if (names.size() < 2 && !(declared != null && names.size() == declared.size())) {
            return null;
        }
        LabelSet labels;
        try {
            labels = LabelSet.overlapping(names);
        } catch (AttunetException e) {
            throw new AttunetException(maskFolder.toString(), e.found(), e.expected(), e.remedy(), e);
        }
        Map<String, List<Path>> files = new TreeMap<>();
        Map<String, List<Integer>> values = new TreeMap<>();
        for (int k = 0; k < names.size(); k++) {
            int value = labels.values().get(k);
            String name = names.get(k);
            found.forEach((own, ofImages) -> {
                if (own.equalsIgnoreCase(name)) {
                    ofImages.forEach((image, file) -> {
                        files.computeIfAbsent(image, key -> new ArrayList<>()).add(file);
                        values.computeIfAbsent(image, key -> new ArrayList<>()).add(value);
                    });
                }
            });
        }
        Map<String, Mask> masks = new TreeMap<>();
        files.forEach((image, own) -> masks.put(image, Mask.overlapping(own, values.getOrDefault(image, List.of()))));
        return new LabelFiles(labels, masks);
    }

    private static boolean contains(Set<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    /** The files in folders that are named after labels: by label, then by image. */
    private static Map<String, Map<String, Path>> inFolders(
            Set<String> images, Path maskFolder, @Nullable LabelSet declared) {
        Map<String, Map<String, Path>> found = new TreeMap<>();
        if (!Images.listWithSeries(maskFolder).isEmpty()) {
            return found;
        }
        for (Path folder : folders(maskFolder)) {
            String label = name(folder);
            if (images.contains(label) || (declared != null && !contains(Set.copyOf(declared.names()), label))) {
                return Map.of();
            }
            for (Path file : Images.list(folder)) {
                if (images.contains(stem(file))) {
                    found.computeIfAbsent(label, key -> new TreeMap<>()).put(stem(file), file);
                }
            }
        }
        return found;
    }

    /** The files that are named after an image and a label. */
    private static Map<String, Map<String, Path>> bySuffix(
            Set<String> images, List<Path> files, @Nullable LabelSet declared) {
        Map<String, Map<String, Path>> found = new TreeMap<>();
        var sorted = new TreeSet<>(images);
        for (Path file : files) {
            String stem = stem(file);
            String image = imageOf(stem, sorted);
            if (image == null) {
                return Map.of();
            }
            String label = stem.substring(image.length() + 1);
            boolean known = declared == null
                    ? WORD.matcher(label).matches()
                            && !MASK_WORDS.contains(
                                    label.toLowerCase(Locale.ROOT).replaceFirst("[_\\- ]?\\d+$", ""))
                    : contains(Set.copyOf(declared.names()), label);
            if (!known) {
                return Map.of();
            }
            found.computeIfAbsent(label, key -> new TreeMap<>()).put(image, file);
        }
        boolean several = found.size() >= 2
                && found.values().stream().flatMap(one -> one.keySet().stream()).collect(Collectors.toSet()).stream()
                        .anyMatch(image -> found.values().stream()
                                        .filter(one -> one.containsKey(image))
                                        .count()
                                >= 2);
        return several || (declared != null && !found.isEmpty()) ? found : Map.of();
    }

    /** The longest name of an image that a stem begins with, before a separator; null if there is none. */
    private static @Nullable String imageOf(String stem, TreeSet<String> images) {
        for (int end = stem.length() - 1; end > 0; end--) {
            if (SEPARATOR.matcher(stem.substring(end, end + 1)).matches() && images.contains(stem.substring(0, end))) {
                return stem.substring(0, end);
            }
        }
        return null;
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isDirectory).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it cannot be listed (" + e.getMessage() + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
    }

    private static String name(Path path) {
        return Normalizer.normalize(String.valueOf(path.getFileName()), Normalizer.Form.NFC);
    }

    private static String stem(Path file) {
        return Normalizer.normalize(Images.stem(file), Normalizer.Form.NFC);
    }
}
