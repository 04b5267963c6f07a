package org.attunet.dataset;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
 * @param notes sentences about files that belong to no image, and labels that some images have no file of
 */
record LabelFiles(LabelSet labels, Map<String, Mask> masks, List<String> notes) {
    private static final Pattern WORD = Pattern.compile("\\p{L}[\\p{L}\\p{N} _+-]*");
    private static final String SEPARATORS = "_-. ";

    /**
     * Looks for such masks.
     *
     * @param images the names of the images
     * @param maskFiles the masks in the folder, those in its folders aside
     * @param declared the labels of {@code dataset.json}; null if it declares none
     * @return null if the masks are no such files
     * @throws AttunetException if there are more labels than may overlap
     */
    static @Nullable LabelFiles in(
            Set<String> images, Path maskFolder, List<Path> maskFiles, @Nullable LabelSet declared) {
        Set<String> wanted = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        if (declared != null) {
            wanted.addAll(declared.names());
        }
        List<String> unused = new ArrayList<>();
        Map<String, Map<String, Path>> found = maskFiles.isEmpty()
                ? inFolders(images, maskFolder, wanted, unused)
                : bySuffix(images, maskFiles, wanted);
        List<String> names = declared == null
                ? List.copyOf(found.keySet())
                : declared.names().stream().filter(found::containsKey).toList();
        if (names.size() < 2 && (declared == null || names.size() < declared.size())) {
            return null;
        }
        LabelSet labels;
        try {
            labels = LabelSet.overlapping(names);
        } catch (AttunetException e) {
            throw new AttunetException(maskFolder.toString(), e.found(), e.expected(), e.remedy(), e);
        }
        Map<String, List<Path>> files = new TreeMap<>();
        Map<String, List<String>> labelsOf = new TreeMap<>();
        for (String label : names) {
            found.getOrDefault(label, Map.of()).forEach((image, file) -> {
                files.computeIfAbsent(image, key -> new ArrayList<>()).add(file);
                labelsOf.computeIfAbsent(image, key -> new ArrayList<>()).add(label);
            });
        }
        Map<String, Mask> masks = new TreeMap<>();
        files.forEach((image, own) -> masks.put(image, Mask.overlapping(own, labelsOf.getOrDefault(image, List.of()))));
        List<String> notes = new ArrayList<>();
        if (!unused.isEmpty()) {
            notes.add(unused.size() + (unused.size() == 1 ? " file has" : " files have") + " the name of no image and "
                    + (unused.size() == 1 ? "is" : "are") + " left out: " + CaseMatcher.some(unused));
        }
        for (String label : names) {
            List<String> without = masks.keySet().stream()
                    .filter(image -> !found.getOrDefault(label, Map.of()).containsKey(image))
                    .toList();
            if (!without.isEmpty()) {
                notes.add("the label '" + label + "' has no file for " + without.size() + " of " + masks.size()
                        + " images, in which it counts as absent: " + CaseMatcher.some(without));
            }
        }
        return new LabelFiles(labels, masks, notes);
    }

    /** Files by label and image, of which there may be one each. */
    private static void put(Map<String, Map<String, Path>> found, String label, String image, Path file) {
        Path before = found.computeIfAbsent(label, key -> new TreeMap<>()).put(image, file);
        if (before != null) {
            throw new AttunetException(
                    file,
                    "it and " + before.getFileName() + " are masks of one image and label",
                    "one mask for each image and label",
                    "merge them or remove one");
        }
    }

    /**
     * The files in folders that are named after labels: by label, then by image.
     *
     * @param wanted the declared labels; empty if none are declared
     * @param unused receives the files that belong to no image
     */
    private static Map<String, Map<String, Path>> inFolders(
            Set<String> images, Path maskFolder, Set<String> wanted, List<String> unused) {
        Map<String, Map<String, Path>> found = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Path folder : DataFolders.foldersIn(maskFolder)) {
            String label = Normalizer.normalize(String.valueOf(folder.getFileName()), Normalizer.Form.NFC);
            if (images.contains(label) || (!wanted.isEmpty() && !wanted.contains(label))) {
                return Map.of();
            }
            for (Path file : Images.list(folder)) {
                String image = CaseMatcher.name(file);
                if (images.contains(image)) {
                    put(found, label, image, file);
                } else {
                    unused.add(label + "/" + file.getFileName());
                }
            }
        }
        return found;
    }

    /** The files that are named after an image and a label; nothing if one isn't, or undeclared labels never meet. */
    private static Map<String, Map<String, Path>> bySuffix(Set<String> images, List<Path> files, Set<String> wanted) {
        Map<String, Map<String, Path>> found = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> masked = new HashSet<>();
        for (Path file : files) {
            String stem = CaseMatcher.name(file);
            String image = imageOf(stem, images);
            String label = image == null ? "" : stem.substring(image.length() + 1);
            boolean known = wanted.isEmpty()
                    ? WORD.matcher(label).matches()
                            && !CaseMatcher.MASK_WORDS.contains(
                                    label.toLowerCase(Locale.ROOT).replaceFirst("[_\\- ]?\\d+$", ""))
                    : wanted.contains(label);
            if (image == null || !known) {
                return Map.of();
            }
            put(found, label, image, file);
            masked.add(image);
        }
        return wanted.isEmpty() && files.size() == masked.size() ? Map.of() : found;
    }

    /** The longest name of an image that a stem begins with, before a separator; null if there is none. */
    private static @Nullable String imageOf(String stem, Set<String> images) {
        for (int end = stem.length() - 1; end > 0; end--) {
            if (SEPARATORS.indexOf(stem.charAt(end)) >= 0 && images.contains(stem.substring(0, end))) {
                return stem.substring(0, end);
            }
        }
        return null;
    }
}
