package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.Images;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.server.work.WorkFolder;
import org.jspecify.annotations.Nullable;

/**
 * The data store on disk: {@code imagesTr/}, {@code imagesTs/}, {@code labelsTr/}, {@code dataset.json}, and of ours {@code
 * labels/TAG/} and the index {@code datastore.json}, which knows the clients' ids.
 *
 * <p>The index is written before a file appears under its name, and after one is gone. So a process that is killed between
 * the two leaves an entry without a file, which the next start drops, and never a file without an entry: a file that the
 * index doesn't know was put there by a person, and is taken in under its stem.
 *
 * @param root the folder
 * @param channel "_0000" where the images that it held at the start are named as nnU-Net names them, else nothing
 */
record DataStoreFolder(Path root, String channel) {
    static final String FINAL = "final";
    static final String IMAGES = "imagesTr";
    static final String MASKS = "labelsTr";
    private static final String INDEX = "datastore.json";
    private static final String UNFINISHED = "\\.{1,2}[0-9a-f]{32}\\.nii(\\.gz)?(\\..*\\.part)?";

    /** Opens or makes a store; uploads that the last process didn't finish are removed. */
    static DataStoreFolder open(Path given) {
        Path root = given.toAbsolutePath().normalize();
        if (!Files.isDirectory(root.resolve(IMAGES)) && Files.isDirectory(root.resolve("images"))) {
            throw new AttunetException(
                    root,
                    "it holds images/ and no imagesTr/",
                    "imagesTr/ with labelsTr/, as the Medical Segmentation Decathlon and nnU-Net have them",
                    "rename the folders (images to imagesTr, masks or labels to labelsTr)");
        }
        WholeFile.makeFolder(root.resolve(IMAGES));
        WholeFile.makeFolder(root.resolve(MASKS));
        for (Path folder : folders(root)) {
            list(folder).stream()
                    .filter(file -> named(file).matches(UNFINISHED))
                    .forEach(WholeFile::delete);
        }
        List<String> stems = list(root.resolve(IMAGES)).stream()
                .filter(DataStoreFolder::isImage)
                .map(Images::stem)
                .toList();
        Set<String> masks = list(root.resolve(MASKS)).stream().map(Images::stem).collect(Collectors.toSet());
        // images with masks of their own names are numbered themselves, not their channels
        boolean numbered = !stems.isEmpty()
                && stems.stream().allMatch(stem -> ChannelGroup.number(stem) >= 0 && !masks.contains(stem));
        boolean channels = numbered && stems.stream().anyMatch(stem -> stem.endsWith("_0000"));
        if (channels && stems.stream().anyMatch(stem -> !stem.endsWith("_0000"))) {
            throw new AttunetException(
                    root,
                    "its images have several channel files (_0000, _0001)",
                    "images of one file each",
                    "serve another data set; clients of MONAI Label send and take single files");
        }
        return new DataStoreFolder(root, channels ? "_0000" : "");
    }

    private static List<Path> folders(Path root) {
        List<Path> folders = new ArrayList<>(List.of(root.resolve(IMAGES), root.resolve(MASKS)));
        list(root.resolve("labels")).stream().filter(Files::isDirectory).forEach(folders::add);
        return folders;
    }

    /** All images with their labels, in the order of their coming; what the folder gained by hand comes last. */
    Map<String, StoredImage> load(DatasetFile dataset, Consumer<String> report) {
        Map<String, StoredImage> known = index();
        Map<String, String> listed = dataset.listed();
        Map<String, StoredImage> images = new LinkedHashMap<>();
        int lost = 0;
        for (StoredImage image : known.values()) {
            if (Files.isRegularFile(path(image.file()))) {
                images.put(image.id(), labelled(image, listed));
            } else {
                lost++;
            }
        }
        List<String> files = new ArrayList<>();
        for (String folder : List.of(IMAGES, "imagesTs")) {
            list(root.resolve(folder)).stream()
                    .filter(DataStoreFolder::isImage)
                    .forEach(file -> files.add(DatasetFile.text(root.relativize(file))));
        }
        known.values().forEach(image -> files.remove(image.file()));
        int twice = 0;
        for (String file : files) {
            if (!file.startsWith(IMAGES) && images.containsKey(stem(file))) {
                twice++; // one mask can't be that of two images
                continue;
            }
            StoredImage image = found(images, file);
            images.put(image.id(), labelled(image, listed));
        }
        if (twice > 0) {
            report.accept(twice + " images of imagesTs/ are left out, imagesTr/ has images of their names");
        }
        if (lost > 0) {
            report.accept(lost + " images of the data store's index have no file and are left out");
        }
        return images;
    }

    private StoredImage found(Map<String, StoredImage> images, String file) {
        String stem = stem(file);
        StoredImage other = images.get(stem);
        String id = other != null && other.uploaded() ? file : stem; // clients call theirs as they like
        if (images.containsKey(id)) {
            throw new AttunetException(path(file), "another image is called " + id, "another name", "rename the file");
        }
        return new StoredImage(id, file, false, info(path(file)), new TreeMap<>());
    }

    private String stem(String file) {
        String stem = Images.stem(Path.of(file));
        return !channel.isEmpty() && stem.endsWith(channel) ? stem.substring(0, stem.length() - 5) : stem;
    }

    private static ObjectNode info(Path file) {
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        try {
            info.put("ts", Files.getLastModifiedTime(file).toMillis() / 1000);
        } catch (IOException e) {
            info.put("ts", 0);
        }
        return info;
    }

    /** The image with the labels whose files are there, and with the mask that the folder holds for it. */
    private StoredImage labelled(StoredImage image, Map<String, String> listed) {
        SortedMap<String, StoredImage.Label> labels = new TreeMap<>(image.labels());
        labels.values().removeIf(label -> !Files.isRegularFile(path(label.file())));
        if (!labels.containsKey(FINAL)) {
            Stream.of(listed.getOrDefault(image.file(), ""), mask(image, ".nii.gz"), mask(image, ".nii"))
                    .filter(mask -> isImage(path(mask)) && Files.isRegularFile(path(mask)))
                    .findFirst()
                    .ifPresent(mask -> labels.put(FINAL, new StoredImage.Label(mask, false, info(path(mask)))));
        }
        return new StoredImage(image.id(), image.file(), image.uploaded(), image.info(), labels);
    }

    private String mask(StoredImage image, String suffix) {
        return MASKS + "/" + stem(image.file()) + suffix;
    }

    /** Where a label of an image goes: in place of the one that is there, or under the image's name. */
    String labelFile(StoredImage image, String tag) {
        StoredImage.Label before = image.labels().get(tag);
        if (before != null) {
            return before.file();
        }
        String folder = tag.equals(FINAL) ? MASKS : "labels/" + tag;
        return folder + "/" + stem(image.file()) + ".nii.gz";
    }

    /** Where a copy of a label goes, which stays in its own format. */
    String keptFile(StoredImage image, String tag, StoredImage.Label label) {
        return "labels/" + tag + "/" + stem(image.file()) + Images.suffix(Path.of(label.file()));
    }

    /** Copies a file that the store knows, whole or not at all. */
    void copy(String from, String to) {
        WholeFile.write(path(to), out -> Files.copy(path(from), out));
        force(path(to));
    }

    /** A new image's file, under a name of ours. */
    String imageFile(String suffix) {
        return IMAGES + "/" + WorkFolder.randomName() + channel + suffix;
    }

    /** A file beside another, hidden until {@link #show} gives it its name. */
    Path hidden(String file) {
        Path target = path(file);
        WholeFile.makeFolder(target.resolveSibling(""));
        return target.resolveSibling("." + WorkFolder.randomName() + Images.suffix(target));
    }

    /** Puts a hidden file in its place in one step; then it is there for good. */
    void show(Path hidden, String file) {
        WholeFile.move(hidden, path(file));
        force(path(file));
    }

    /** The folders above a file too, of which the file's own may be new. */
    private void force(Path file) {
        for (Path above = file.getParent(); above != null && above.startsWith(root); above = above.getParent()) {
            WholeFile.force(above);
        }
    }

    /** The path of a file that the store knows. */
    Path path(String file) {
        return root.resolve(file);
    }

    private Map<String, StoredImage> index() {
        Path file = root.resolve(INDEX);
        Map<String, StoredImage> images = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return images;
        }
        JsonNode tree = JsonFile.read(file, "the data store's index as the server wrote it");
        for (JsonNode line : tree.path("images")) {
            StoredImage image = StoredImage.of(line);
            requireInside(file, image.file());
            image.labels().values().forEach(label -> requireInside(file, label.file()));
            if (image.id().isEmpty() || images.put(image.id(), image) != null) {
                throw damaged(file, "an id is missing or stands twice");
            }
        }
        if (!tree.path("images").isArray()) {
            throw damaged(file, "it holds no list of images");
        }
        return images;
    }

    private void requireInside(Path index, String file) {
        @Nullable Path inside = null;
        try {
            inside = path(file).normalize();
        } catch (InvalidPathException e) {
            // told below
        }
        if (file.isEmpty() || inside == null || !inside.startsWith(root) || !isImage(inside)) {
            throw damaged(index, "it names a file that is no image in the data store");
        }
    }

    private static AttunetException damaged(Path index, String found) {
        return new AttunetException(
                index,
                found,
                "the data store's index as the server wrote it",
                "restore it from a backup; without it images go by their files' names, and labels/ is not read");
    }

    /** Writes the index, whole or not at all. */
    void save(Collection<StoredImage> images) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode().put("format", 1);
        tree.putArray("images");
        images.forEach(image -> tree.withArray("images").add(image.json()));
        JsonFile.write(root.resolve(INDEX), tree);
    }

    private static boolean isImage(Path file) {
        return Images.isImage(file) && Images.suffix(file).startsWith(".nii");
    }

    private static String named(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static List<Path> list(Path folder) {
        return Files.isDirectory(folder) ? WorkFolder.list(folder) : List.of();
    }
}
