package org.attunet.annotation;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
        Map<Path, ObjectSource> sources = new TreeMap<>();
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
                ObjectSource before = sources.put(image, new CocoObjects(coco, listed));
                if (before != null) {
                    throw new AttunetException(
                            file,
                            "the image " + image.getFileName() + " is listed a second time, before in "
                                    + before.files().get(0).getFileName(),
                            "each image once",
                            "remove one of the files or entries, or name the file with --masks");
                }
            }
            AnnotationMatcher.note(missing, "image", file, "a file", notes);
            if (coco.strays() > 0) {
                notes.add(ObjectDrawing.counted(coco.strays(), "annotation") + " in " + file.getFileName()
                        + " of images that it doesn't list, left out");
            }
        }
        if (sources.isEmpty()) {
            return null;
        }
        for (Path folder : folders) {
            List<Path> images = Images.list(folder);
            if (images.stream().anyMatch(sources::containsKey)) {
                List<String> unlisted = images.stream()
                        .filter(image -> !sources.containsKey(image))
                        .map(image -> image.getFileName().toString())
                        .toList();
                AnnotationMatcher.note(unlisted, "image", folder, "an entry", notes);
            }
        }
        return new ObjectCases(ObjectLayout.COCO, cases(sources), notes);
    }

    /** Cases named after their images; images of one name in several folders have these in front. */
    private static List<ObjectCase> cases(Map<Path, ObjectSource> sources) {
        Map<String, List<Path>> byStem = new TreeMap<>();
        sources.keySet()
                .forEach(image -> byStem.computeIfAbsent(Images.stem(image), stem -> new ArrayList<>())
                        .add(image));
        Map<String, ObjectCase> cases = new TreeMap<>();
        byStem.forEach((stem, images) -> {
            for (Path image : images) {
                Path folder = image.toAbsolutePath().getParent();
                String id = images.size() == 1 || folder == null ? stem : folder.getFileName() + "_" + stem;
                ObjectSource source = Objects.requireNonNull(sources.get(image));
                ObjectCase before = cases.put(id, new ObjectCase(new ImageCase(id, List.of(image)), source));
                if (before != null) {
                    throw new AttunetException(
                            source.files().get(0),
                            "it lists " + image + " and " + before.firstFile() + ", both " + id,
                            "images of different names or folders",
                            "rename one of them");
                }
            }
        });
        return List.copyOf(cases.values());
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
            for (String form : List.of(
                    name,
                    Normalizer.normalize(name, Normalizer.Form.NFD),
                    Normalizer.normalize(name, Normalizer.Form.NFC))) {
                Path path = Path.of(form.replace('\\', '/'));
                Path last = path.getFileName();
                for (Path relative : last == null ? List.<Path>of() : List.of(path, last)) {
                    for (Path folder : folders) {
                        Path file = folder.resolve(relative).normalize();
                        if (file.startsWith(folder.normalize()) && Images.isImage(file) && Files.isRegularFile(file)) {
                            return file;
                        }
                    }
                }
            }
            return null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
