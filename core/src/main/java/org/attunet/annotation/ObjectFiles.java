package org.attunet.annotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.objects.ObjectMap;

/** Recognises data sets that tell objects apart; {@link ObjectLayout} lists how they may keep them. */
public final class ObjectFiles {
    private static final Set<String> IMAGE_NAMES = Set.of("image", "images", "img", "imgs");
    private static final Set<String> MASK_NAMES = Set.of("mask", "masks", "label", "labels", "gt");

    private ObjectFiles() {}

    /**
     * Looks for objects in the folder of a data set.
     *
     * @param folder holds the images, or folders of them
     * @param objects whether the user says that masks tell objects apart; otherwise masks whose values may as well be classes
     *     are looked at ({@link #looksLikeObjects}), and empty is the answer if they seem to be
     * @return the images with their objects; empty if no layout is recognised
     * @throws AttunetException if a layout is recognised, but its files contradict each other
     */
    public static Optional<ObjectCases> find(Path folder, boolean objects) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> folders = folders(folder);
        ObjectCases downloaded = FolderPerImage.find(folder, folders);
        if (downloaded != null) {
            return Optional.of(downloaded);
        }
        List<Path> images = named(folders, IMAGE_NAMES);
        List<Path> masks = named(folders, MASK_NAMES);
        return images.size() == 1 && masks.size() == 1
                ? find(images.get(0), masks.get(0), objects)
                : images.isEmpty() && masks.isEmpty() ? find(folder, folder, objects) : Optional.empty();
    }

    /**
     * Looks for objects in a folder of annotations.
     *
     * @param images the folder of the images
     * @param annotations the folder of the masks; may be the same
     * @param objects as {@link #find(Path, boolean)} has it
     * @return the images with their objects; empty if no layout is recognised
     * @throws AttunetException if a layout is recognised, but its files contradict each other
     */
    public static Optional<ObjectCases> find(Path images, Path annotations, boolean objects) {
        AnnotationMatcher matcher = new AnnotationMatcher(images, annotations);
        List<Path> perImage = images.equals(annotations) ? List.of() : folders(annotations);
        if (!perImage.isEmpty()) {
            Optional<ObjectCases> masks =
                    matcher.match(ObjectLayout.MASK_FILES, perImage, folder -> new MaskFiles(Images.list(folder)));
            if (masks.isPresent()) {
                return masks;
            }
        }
        Optional<ObjectCases> labels = matcher.labelImages();
        return labels.filter(found -> objects || holdObjects(found.cases()));
    }

    /**
     * {@return whether the values of masks number objects, by the rule of this package: many values, each in one piece, from 1
     * in each image, and not the same number of them everywhere}
     *
     * @param masks of one or more images
     */
    public static boolean looksLikeObjects(Collection<ObjectMap> masks) {
        return ObjectNumbers.areIn(masks);
    }

    /** The same of a few cases of a data set. */
    private static boolean holdObjects(List<ObjectCase> cases) {
        int looked = Math.min(cases.size(), 6);
        List<ObjectMap> maps = new ArrayList<>();
        for (int k = 0; k < looked; k++) {
            ObjectCase one = cases.get((int) ((long) k * cases.size() / looked));
            if (!(one.source() instanceof LabelImage)) {
                return false; // several masks of an image are joined
            }
            try {
                maps.add(one.read(one.image().readGrid()).objects());
            } catch (AttunetException e) {
                return false; // masks with colours and the like are judged where masks of classes are read
            }
        }
        return looksLikeObjects(maps);
    }

    static List<Path> folders(Path folder) {
        return listed(folder, Files::isDirectory);
    }

    static List<Path> listed(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(wanted)
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

    private static List<Path> named(List<Path> folders, Set<String> names) {
        return folders.stream()
                .filter(folder -> names.contains(folder.getFileName().toString().toLowerCase(Locale.ROOT)))
                .toList();
    }
}
