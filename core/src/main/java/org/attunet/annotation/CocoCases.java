package org.attunet.annotation;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/** The images that files in COCO's format list, found in folders by their file names. */
final class CocoCases {
    private CocoCases() {}

    /**
     * The cases of files.
     *
     * @param folders where the images may be, the most likely first; nothing outside of them is looked for
     * @return null if no image that the files list is in the folders
     * @throws AttunetException if a file is damaged, or two entries are of one image
     */
    static @Nullable ObjectCases find(List<Path> files, List<Path> folders) {
        Map<String, ObjectCase> cases = new TreeMap<>();
        Set<Path> used = new TreeSet<>();
        List<String> notes = new ArrayList<>();
        for (Path file : files) {
            CocoFile coco = CocoFile.read(file);
            List<String> missing = new ArrayList<>();
            for (CocoFile.Listed listed : coco.images().values()) {
                Path image = image(listed.name(), folders);
                if (image == null) {
                    missing.add(listed.name().replaceAll("\\p{Cntrl}", "?"));
                    continue;
                }
                String id = Images.stem(image);
                ObjectCase one = new ObjectCase(new ImageCase(id, List.of(image)), new CocoObjects(coco, listed));
                ObjectCase before = cases.put(id, one);
                if (before != null) {
                    throw new AttunetException(
                            file,
                            "the image " + id + " is listed a second time, before in "
                                    + before.source().files().get(0).getFileName(),
                            "each image once",
                            "remove one of the files or entries");
                }
                used.add(image);
            }
            AnnotationMatcher.note(missing, "image", file, "a file", notes);
        }
        if (cases.isEmpty()) {
            return null;
        }
        for (Path folder : folders) {
            List<Path> images = Images.list(folder);
            if (images.stream().anyMatch(used::contains)) {
                List<String> unlisted = images.stream()
                        .filter(image -> !used.contains(image))
                        .map(image -> image.getFileName().toString())
                        .toList();
                AnnotationMatcher.note(unlisted, "image", folder, "an entry", notes);
            }
        }
        return new ObjectCases(ObjectLayout.COCO, List.copyOf(cases.values()), notes);
    }

    /** The annotations of an image, which a file must list by its name. */
    static ObjectSource source(Path file, Path image) {
        CocoFile coco = CocoFile.read(file);
        String name = String.valueOf(image.getFileName());
        List<CocoFile.Listed> listed = coco.images().values().stream()
                .filter(one -> one.name().replace('\\', '/').endsWith("/" + name)
                        || one.name().equals(name))
                .toList();
        if (listed.size() != 1) {
            throw new AttunetException(
                    file,
                    "it lists " + listed.size() + " images named " + name,
                    "the image once",
                    "give the file that annotates the image");
        }
        return new CocoObjects(coco, listed.get(0));
    }

    /** The file of a listed name, with its folders or without; null if there is none. */
    private static @Nullable Path image(String name, List<Path> folders) {
        try {
            Path path = Path.of(name.replace('\\', '/'));
            Path last = path.getFileName();
            for (Path folder : folders) {
                for (Path relative : last == null ? List.<Path>of() : List.of(path, last)) {
                    Path file = folder.resolve(relative).normalize();
                    if (file.startsWith(folder.normalize()) && Images.isImage(file) && Files.isRegularFile(file)) {
                        return file;
                    }
                }
            }
            return null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
