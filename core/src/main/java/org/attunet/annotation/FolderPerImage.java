package org.attunet.annotation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * Folders that each hold an image and the masks of its objects, {@code ID/images/ID.png} and {@code ID/masks/*.png}, as the
 * Data Science Bowl's download has them.
 */
final class FolderPerImage {
    private FolderPerImage() {}

    /** The cases of a folder of such folders; null if it holds none. */
    static @Nullable ObjectCases find(Path root, List<Path> folders) {
        if (folders.stream().noneMatch(FolderPerImage::hasOneImage)) {
            return null; // such as train/images and test/images
        }
        Map<String, ObjectCase> cases = new TreeMap<>();
        List<String> unmasked = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isDirectory(folder.resolve("images"))) {
                String id = folder.getFileName().toString();
                Path masks = folder.resolve("masks");
                if (Files.isDirectory(masks)) {
                    cases.put(id, new ObjectCase(image(folder, id), new MaskFiles(Images.list(masks))));
                } else {
                    unmasked.add(id);
                }
            }
        }
        if (cases.isEmpty()) {
            return null;
        }
        List<String> notes = new ArrayList<>();
        AnnotationMatcher.note(unmasked, "folder", root, "masks/", notes);
        return new ObjectCases(ObjectLayout.MASK_FILES, List.copyOf(cases.values()), notes);
    }

    private static boolean hasOneImage(Path folder) {
        Path images = folder.resolve("images");
        return Files.isDirectory(images) && Images.list(images).size() == 1;
    }

    private static ImageCase image(Path folder, String id) {
        List<Path> files = Images.list(folder.resolve("images"));
        if (files.size() != 1) {
            throw new AttunetException(
                    folder.resolve("images"),
                    files.isEmpty() ? "no image" : files.size() + " images",
                    "one image, whose objects' masks are in masks/ beside it",
                    "remove the folder or the superfluous images");
        }
        return new ImageCase(id, files);
    }
}
