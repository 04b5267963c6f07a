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
import org.jspecify.annotations.Nullable;

/** Recognises data sets that tell objects apart; {@link ObjectLayout} lists how they may keep them. */
public final class ObjectFiles {
    private static final Set<String> IMAGE_NAMES = Set.of("image", "images", "img", "imgs", "imagestr");
    private static final Set<String> MASK_NAMES = Set.of("mask", "masks", "label", "labels", "labelstr", "gt");
    private static final Set<String> OUTLINE_NAMES = Set.of(
            "annotation",
            "annotations",
            "geojson",
            "roi",
            "rois",
            "objects",
            "instances",
            "mask",
            "masks",
            "label",
            "labels");

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
        boolean declared = Files.isRegularFile(folder.resolve("dataset.json")); // which names classes
        if (!Files.isDirectory(folder) || (declared && !objects)) {
            return Optional.empty();
        }
        List<Path> folders = folders(folder);
        ObjectCases downloaded = FolderPerImage.find(folder, folders);
        if (downloaded != null) {
            return Optional.of(downloaded);
        }
        List<Path> images = named(folders, IMAGE_NAMES);
        List<Path> masks = named(folders, MASK_NAMES);
        if (images.size() > 1) {
            return Optional.empty();
        }
        Path pictures = images.isEmpty() ? folder : images.get(0);
        Path beside = images.isEmpty() && masks.isEmpty() ? folder : null;
        Path place = images.isEmpty() ? beside : usual(masks);
        if (place != null) {
            Masks found = masks(pictures, place, objects);
            if (found.any) {
                return Optional.ofNullable(found.objects);
            }
        }
        List<Path> places = new ArrayList<>(List.of(pictures, folder));
        folders.stream().filter(other -> isNamed(other, OUTLINE_NAMES)).forEach(places::add);
        List<Path> others = new ArrayList<>(folders);
        others.addAll(folders(pictures));
        return outlines(pictures, places.stream().distinct().toList(), others);
    }

    /**
     * Looks for objects in a folder of annotations.
     *
     * @param images the folder of the images
     * @param annotations the folder of the masks or outlines, which may be the same, or a file in COCO's format
     * @param objects as {@link #find(Path, boolean)} has it
     * @return the images with their objects; empty if no layout is recognised
     * @throws AttunetException if a layout is recognised, but its files contradict each other
     */
    public static Optional<ObjectCases> find(Path images, Path annotations, boolean objects) {
        if (Files.isRegularFile(annotations)) {
            return Optional.ofNullable(CocoCases.find(List.of(annotations), List.of(images)));
        }
        Masks found = masks(images, annotations, objects);
        return found.any ? Optional.ofNullable(found.objects) : outlines(images, List.of(annotations), List.of());
    }

    /** Whether images have masks, and the cases if these tell objects apart. */
    private record Masks(boolean any, @Nullable ObjectCases objects) {}

    private static Masks masks(Path images, Path masks, boolean objects) {
        AnnotationMatcher matcher = new AnnotationMatcher(images, masks);
        List<Path> perImage = images.equals(masks) ? List.of() : folders(masks);
        if (!perImage.isEmpty()) {
            Optional<ObjectCases> found =
                    matcher.match(ObjectLayout.MASK_FILES, perImage, folder -> new MaskFiles(Images.list(folder)));
            if (found.isPresent()) {
                return new Masks(true, found.get());
            }
        }
        Optional<ObjectCases> labels = matcher.labelImages();
        return new Masks(
                labels.isPresent(),
                labels.filter(found -> objects || holdObjects(found.cases())).orElse(null));
    }

    /** The cases whose outlines are in one of several folders. */
    private static Optional<ObjectCases> outlines(Path images, List<Path> places, List<Path> others) {
        for (Path place : places) {
            AnnotationMatcher matcher = new AnnotationMatcher(images, place);
            Optional<ObjectCases> found =
                    matcher.match(ObjectLayout.GEOJSON, listed(place, ObjectFiles::isGeoJson), GeoJsonObjects::new);
            if (found.isEmpty()) {
                found = matcher.match(ObjectLayout.IMAGEJ_ROIS, listed(place, RoiObjects::isIn), RoiObjects::new);
            }
            if (found.isEmpty()) {
                List<Path> coco = listed(place, ObjectFiles::isCoco);
                List<Path> folders = new ArrayList<>(List.of(images, place));
                folders.addAll(others);
                found = coco.isEmpty()
                        ? found
                        : Optional.ofNullable(
                                CocoCases.find(coco, folders.stream().distinct().toList()));
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean isGeoJson(Path file) {
        if (isPackedGeoJson(file)) {
            throw packed(file);
        }
        return Files.isRegularFile(file) && GeoJsonObjects.isIn(file);
    }

    private static boolean isPackedGeoJson(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file) && (name.endsWith(".geojson.gz") || RoiObjects.holdsGeoJson(file));
    }

    private static AttunetException packed(Path file) {
        return new AttunetException(
                file,
                "compressed GeoJSON",
                "GeoJSON as it is (.geojson), or selections of ImageJ (.roi or .zip)",
                "unpack it, or export without compression");
    }

    private static boolean isCoco(Path file) {
        return Images.suffix(file).equals(".json") && Files.isRegularFile(file) && CocoFile.isIn(file);
    }

    /**
     * {@return where the objects of an image are, by the name of a file or folder: a folder of masks, {@code .geojson}, {@code
     * .zip} or {@code .roi} of ImageJ, {@code .json} of GeoJSON or of COCO, which must list the image's name, or else a label
     * image}
     *
     * @param annotation the file or folder
     * @param image the image's file
     * @throws AttunetException if a file of COCO's is damaged or doesn't list the image, or GeoJSON is compressed
     */
    public static ObjectSource source(Path annotation, Path image) {
        if (Files.isDirectory(annotation)) {
            return new MaskFiles(Images.list(annotation));
        }
        if (isPackedGeoJson(annotation)) {
            throw packed(annotation);
        }
        if (GeoJsonObjects.isIn(annotation)) {
            return new GeoJsonObjects(annotation);
        }
        return switch (Images.suffix(annotation)) {
            case ".zip", ".roi" -> new RoiObjects(annotation);
            case ".json" -> CocoCases.source(annotation, image);
            default -> new LabelImage(annotation);
        };
    }

    /**
     * {@return whether the values of masks number objects, by the rule of this package: many values, each in one piece, from 1
     * in each image, and not the same number of them everywhere}
     *
     * @param masks of one or more images
     */
    public static boolean looksLikeObjects(Collection<ObjectMap> masks) {
        return ClassesOrObjects.areObjects(masks);
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
        return folders.stream().filter(folder -> isNamed(folder, names)).toList();
    }

    /** The folder of the masks, among several the one with the most usual name; null if none has. */
    private static @Nullable Path usual(List<Path> masks) {
        return masks.stream()
                .filter(folder -> masks.size() == 1 || isNamed(folder, Set.of("masks")))
                .findFirst()
                .orElse(null);
    }

    private static boolean isNamed(Path folder, Set<String> names) {
        return names.contains(folder.getFileName().toString().toLowerCase(Locale.ROOT));
    }
}
