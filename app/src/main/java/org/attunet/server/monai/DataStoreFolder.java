package org.attunet.server.monai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.server.work.WorkFolder;

/**
 * The files of the data store: the data set {@code imagesTr/}, {@code imagesTs/}, {@code labelsTr/} and {@code
 * dataset.json}, the server's own {@code labels/TAG/}, and the index {@code datastore.json} with the clients' ids.
 *
 * <p>The index is written before a file appears under its name, and after one is deleted. A process that is killed in between
 * thus leaves an entry without a file, which the next start drops, but never a file without an entry: a file that is not in
 * the index was put there by a person and is added under its stem.
 *
 * @param root the folder
 * @param channel "_0000" if the images that it held at the start have nnU-Net's names, else empty
 */
record DataStoreFolder(Path root, String channel) {
    static final String FINAL = "final";
    static final String IMAGES = "imagesTr";
    static final String MASKS = "labelsTr";
    private static final String INDEX = "datastore.json";
    private static final String INDEX_EXPECTED = "the data store's index as the server wrote it";
    private static final String UNFINISHED = "\\.{1,2}[0-9a-f]{32}\\.nii(\\.gz)?(\\..*\\.part)?";

    /** Opens or creates a store and removes uploads that the last process didn't finish. */
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
        List<Path> folders = new ArrayList<>(List.of(root.resolve(IMAGES), root.resolve(MASKS)));
        folders.addAll(list(root.resolve("labels")));
        for (Path folder : folders) {
            list(folder).stream()
                    .filter(file -> String.valueOf(file.getFileName()).matches(UNFINISHED))
                    .forEach(WholeFile::delete);
        }
        List<String> stems = list(root.resolve(IMAGES)).stream()
                .filter(DataStoreFolder::isImage)
                .map(Images::stem)
                .toList();
        Set<String> masks = list(root.resolve(MASKS)).stream().map(Images::stem).collect(Collectors.toSet());
        // an image with a mask of its own name is numbered itself; the number is not a channel's
        boolean numbered = stems.stream().allMatch(stem -> ChannelGroup.number(stem) >= 0 && !masks.contains(stem));
        boolean channels = numbered && stems.stream().anyMatch(stem -> stem.endsWith("_0000"));
        if (channels && stems.stream().anyMatch(stem -> !stem.endsWith("_0000"))) {
            throw new AttunetException(
                    root,
                    "its images have several channel files (_0000, _0001)",
                    "images of one file each",
                    "serve another data set; clients of MONAI Label exchange single files");
        }
        return new DataStoreFolder(root, channels ? "_0000" : "");
    }

    /**
     * Returns all images with their labels in the order in which they were added; files that were added by hand come last.
     *
     * @param log receives sentences about images that are left out
     */
    Map<String, StoredImage> load(DatasetFile dataset, Consumer<String> log) {
        Map<String, StoredImage> known = index();
        Map<String, String> listed = dataset.listed();
        Map<String, StoredImage> images = new LinkedHashMap<>();
        for (StoredImage image : known.values()) {
            if (Files.isRegularFile(path(image.file()))) {
                images.put(image.id(), labelled(image, listed));
            }
        }
        int lost = known.size() - images.size();
        List<String> files = new ArrayList<>();
        for (String folder : List.of(IMAGES, "imagesTs")) {
            list(root.resolve(folder)).stream()
                    .filter(DataStoreFolder::isImage)
                    .forEach(file -> files.add(DatasetFile.text(root.relativize(file))));
        }
        known.values().forEach(image -> files.remove(image.file()));
        int duplicates = 0;
        for (String file : files) {
            if (!file.startsWith(IMAGES) && images.containsKey(stem(file))) {
                duplicates++; // two images can't share one mask
                continue;
            }
            StoredImage image = added(images, file);
            images.put(image.id(), labelled(image, listed));
        }
        if (duplicates > 0) {
            log.accept(duplicates + " images of imagesTs/ are left out, imagesTr/ has images of their names");
        }
        if (lost > 0) {
            log.accept(lost + " images of the data store's index have no file and are left out");
        }
        return images;
    }

    private StoredImage added(Map<String, StoredImage> images, String file) {
        String stem = stem(file);
        StoredImage other = images.get(stem);
        String id = other != null && other.uploaded() ? file : stem; // a client's id may equal any stem
        if (images.containsKey(id)) {
            throw new AttunetException(path(file), "another image is called " + id, "another name", "rename the file");
        }
        return new StoredImage(id, file, false, info(path(file)), new TreeMap<>());
    }

    private String stem(String file) {
        String stem = Images.stem(Path.of(file));
        return stem.endsWith(channel) ? stem.substring(0, stem.length() - channel.length()) : stem;
    }

    private static ObjectNode info(Path file) {
        long modified = 0;
        try {
            modified = Files.getLastModifiedTime(file).toMillis() / 1000;
        } catch (IOException e) {
            // unknown
        }
        return Json.object().put("ts", modified);
    }

    /** Returns the image with the labels whose files exist and the mask that the folder holds for it. */
    private StoredImage labelled(StoredImage image, Map<String, String> listed) {
        SortedMap<String, StoredImage.Label> labels = new TreeMap<>(image.labels());
        labels.values().removeIf(label -> !Files.isRegularFile(path(label.file())));
        if (!labels.containsKey(FINAL)) {
            String mask = MASKS + "/" + stem(image.file());
            Stream.of(listed.getOrDefault(image.file(), ""), mask + ".nii.gz", mask + ".nii")
                    .filter(file -> isImage(path(file)) && Files.isRegularFile(path(file)))
                    .findFirst()
                    .ifPresent(file -> labels.put(FINAL, new StoredImage.Label(file, false, info(path(file)))));
        }
        return image.withLabels(labels);
    }

    /** Returns the file for a label of an image: the existing one, or one named after the image. */
    String labelFile(StoredImage image, String tag) {
        StoredImage.Label before = image.labels().get(tag);
        String folder = tag.equals(FINAL) ? MASKS : "labels/" + tag;
        return before != null ? before.file() : folder + "/" + stem(image.file()) + ".nii.gz";
    }

    /** Returns the file for a copy of a label in its own format. */
    String keptFile(StoredImage image, String tag, StoredImage.Label label) {
        return "labels/" + tag + "/" + stem(image.file()) + label.suffix();
    }

    /** Copies a file of the store atomically. */
    void copy(String from, String to) {
        WholeFile.write(path(to), out -> Files.copy(path(from), out));
        force(path(to));
    }

    /** Returns a generated name for a new image's file. */
    String newImageFile(String suffix) {
        return IMAGES + "/" + WorkFolder.randomName() + channel + suffix;
    }

    /** Returns a hidden file beside another, which {@link #show} renames to it. */
    Path hidden(String file) {
        Path target = path(file);
        WholeFile.makeFolder(target.resolveSibling(""));
        return target.resolveSibling("." + WorkFolder.randomName() + Images.suffix(target));
    }

    /** Renames a hidden file to its name, atomically and durably. */
    void show(Path hidden, String file) {
        WholeFile.move(hidden, path(file));
        force(path(file));
    }

    /** Fsyncs all folders above a file, since its own folder may be new. */
    private void force(Path file) {
        for (Path above = file.getParent(); above != null && above.startsWith(root); above = above.getParent()) {
            WholeFile.force(above);
        }
    }

    Path path(String file) {
        return root.resolve(file);
    }

    private Map<String, StoredImage> index() {
        Path file = root.resolve(INDEX);
        Map<String, StoredImage> images = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return images;
        }
        JsonNode tree = JsonFile.read(file, INDEX_EXPECTED);
        if (!tree.path("images").isArray()) {
            throw damaged(file, "it holds no list of images");
        }
        try {
            for (JsonNode line : tree.path("images")) {
                StoredImage image = Json.OWN.treeToValue(line, StoredImage.class);
                requireInside(file, image.file());
                image.labels().values().forEach(label -> requireInside(file, label.file()));
                if (image.id().isEmpty() || images.put(image.id(), image) != null) {
                    throw damaged(file, "an id is missing or duplicate");
                }
            }
            return images;
        } catch (JsonProcessingException e) {
            throw damaged(file, "an image is invalid (" + e.getOriginalMessage() + ")");
        }
    }

    private void requireInside(Path index, String file) {
        try {
            Path inside = path(file).normalize();
            if (!file.isEmpty() && inside.startsWith(root) && isImage(inside)) {
                return;
            }
        } catch (InvalidPathException e) {
            // reported below
        }
        throw damaged(index, "it names a file that is no image in the data store");
    }

    private static AttunetException damaged(Path index, String found) {
        return new AttunetException(
                index,
                found,
                INDEX_EXPECTED,
                "restore it from a backup; without it images get their files' names, and labels/ is not read");
    }

    void save(Collection<StoredImage> images) {
        ObjectNode tree = Json.object().put("format", 1);
        JsonFile.write(root.resolve(INDEX), tree.set("images", Json.OWN.valueToTree(images)));
    }

    private static boolean isImage(Path file) {
        return Images.isImage(file) && Images.suffix(file).startsWith(".nii");
    }

    private static List<Path> list(Path folder) {
        return Files.isDirectory(folder) ? WorkFolder.list(folder) : List.of();
    }
}
