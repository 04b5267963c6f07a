package org.attunet.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.attunet.annotation.ObjectCases;
import org.attunet.annotation.ObjectFiles;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * Where a data set lies.
 *
 * @param root the set's folder, in which {@code dataset.json} is looked for
 * @param images the folder of the images if it was named; null for the usual names
 * @param masks the folder of the masks, named together with {@code images}; of objects, also a file of COCO's format
 * @param objects whether the masks are said to number objects; if not, they do so if they look like it
 */
public record DataFolders(
        Path root, @Nullable Path images, @Nullable Path masks, boolean objects) {
    private static final Set<String> IMAGE_NAMES = Set.of("image", "images", "img", "imgs");
    private static final Set<String> MASK_NAMES = Set.of("mask", "masks", "label", "labels", "gt");

    /** A data set whose masks aren't said to number objects. */
    public DataFolders(Path root, @Nullable Path images, @Nullable Path masks) {
        this(root, images, masks, false);
    }

    /** The same folders, whose masks are said to number objects. */
    public DataFolders ofObjects(boolean other) {
        return new DataFolders(root, images, masks, other);
    }

    /** A data set whose folders have usual names. */
    public static DataFolders of(Path root) {
        return new DataFolders(root, null, null);
    }

    /** A folder of images and one of masks; the set's folder is that which holds the images. */
    public static DataFolders of(Path images, Path masks) {
        Path parent = images.toAbsolutePath().normalize().getParent();
        return new DataFolders(parent == null ? images : parent, images, masks);
    }

    /** The same folders by their absolute paths. */
    public DataFolders absolute() {
        return new DataFolders(
                root.toAbsolutePath(),
                images == null ? null : images.toAbsolutePath(),
                masks == null ? null : masks.toAbsolutePath(),
                objects);
    }

    /** The images with their objects; empty if they have masks of structures. */
    Optional<ObjectCases> objectCases() {
        if (images != null && masks != null) {
            return Files.isDirectory(images) && Files.exists(masks)
                    ? ObjectFiles.find(images, masks, objects)
                    : Optional.empty(); // which pair() refuses
        }
        return areTrainingParts()
                ? ObjectFiles.find(root.resolve("imagesTr"), root.resolve("labelsTr"), objects)
                : ObjectFiles.find(root, objects);
    }

    /** The folders of images and masks, both existing. */
    record Pair(Path images, Path masks) {}

    /** Whether the folders are {@code imagesTr/} and {@code labelsTr/} of the Decathlon or nnU-Net. */
    boolean areTrainingParts() {
        return images == null
                && Files.isDirectory(root.resolve("imagesTr"))
                && Files.isDirectory(root.resolve("labelsTr"));
    }

    /**
     * The folders of images and masks.
     *
     * @throws AttunetException if one doesn't exist, or the names in the set's folder leave open which they are
     */
    Pair pair() {
        if (images != null && masks != null) {
            for (Path folder : List.of(images, masks)) {
                if (!Files.isDirectory(folder)) {
                    throw new AttunetException(
                            folder,
                            Files.exists(folder) ? "it is not a folder" : "there is nothing",
                            "a folder of " + (folder.equals(images) ? "images" : "masks"),
                            "correct the path");
                }
            }
            return new Pair(images, masks);
        }
        if (areTrainingParts()) {
            return new Pair(root.resolve("imagesTr"), root.resolve("labelsTr"));
        }
        for (String name : List.of("masks", "labels")) {
            if (Files.isDirectory(root.resolve("images")) && Files.isDirectory(root.resolve(name))) {
                return new Pair(root.resolve("images"), root.resolve(name));
            }
        }
        List<Path> folders = foldersIn(root);
        List<Path> imageFolders = named(folders, IMAGE_NAMES);
        List<Path> maskFolders = named(folders, MASK_NAMES);
        if (imageFolders.size() == 1 && maskFolders.size() == 1) {
            return new Pair(imageFolders.get(0), maskFolders.get(0));
        }
        if (CaseMatcher.holdsBoth(Images.listWithSeries(root))) {
            return new Pair(root, root);
        }
        List<String> names =
                folders.stream().map(folder -> folder.getFileName() + "/").toList();
        throw new AttunetException(
                root,
                "neither images/ with masks/ (or labels/) nor imagesTr/ with labelsTr/"
                        + (names.isEmpty() ? "" : ", but " + CaseMatcher.some(names)),
                "one of these two layouts, or images with their masks beside them as x.png and x_mask.png",
                "put the images into images/ and the masks of the same names into masks/, or name the folders with"
                        + " --images DIR --masks DIR");
    }

    /** The folders in a folder, sorted. */
    static List<Path> foldersIn(Path folder) {
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

    private static List<Path> named(List<Path> folders, Set<String> names) {
        return folders.stream()
                .filter(folder -> names.contains(folder.getFileName().toString().toLowerCase(Locale.ROOT)))
                .toList();
    }
}
