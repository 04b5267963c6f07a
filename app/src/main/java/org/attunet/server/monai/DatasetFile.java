package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.DeclaredLabels;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code dataset.json} of a data set, in the format of the Medical Segmentation Decathlon or of nnU-Net. Only the list of
 * cases and {@code numTraining} are changed; every other field stays as it was.
 *
 * <p>It is read anew for each change, so that edits by a person in between are not lost.
 */
record DatasetFile(Path root, ObjectNode tree) {
    private static final String NAME = "dataset.json";

    /**
     * Reads the file of a data set.
     *
     * @param labels to declare if there is no file yet
     * @throws AttunetException if the file is damaged
     */
    static DatasetFile in(Path root, LabelSet labels) {
        Path file = root.resolve(NAME);
        if (!Files.exists(file)) {
            return new DatasetFile(root, empty(labels));
        }
        JsonNode tree =
                JsonFile.readForeign(file, "the data set's description, an object with labels", "correct the file");
        if (!(tree instanceof ObjectNode object)) {
            throw damaged(root, "it holds no JSON object");
        }
        if (tree.has("training") && !tree.path("training").isArray()) {
            throw damaged(root, "training is no list");
        }
        return new DatasetFile(root, object);
    }

    private static ObjectNode empty(LabelSet labels) {
        ObjectNode tree = Json.object().put("name", "datastore");
        tree.put("description", "Images and the labels that were saved for them");
        ObjectNode names = tree.putObject("labels");
        if (labels.hasRegions()) {
            names.put("background", 0);
            for (LabelSet.Region region : labels.regions()) {
                region.covers().forEach(names.putArray(region.name())::add);
            }
            labels.values().forEach(tree.putArray("regions_class_order")::add);
        } else {
            names.put("0", "background");
            labels.asMap().forEach((value, name) -> names.put(Integer.toString(value), name));
        }
        tree.put("numTraining", 0).putArray("training");
        return tree;
    }

    /** Returns the declared labels, or null if there are none. */
    @Nullable
    LabelSet labels() {
        return DeclaredLabels.of(root.resolve(NAME), tree);
    }

    /** Returns the listed masks by image, as paths relative to the root with {@code /}; files elsewhere are left out. */
    Map<String, String> listed() {
        Map<String, String> masks = new LinkedHashMap<>();
        for (JsonNode line : tree.path("training")) {
            list(masks, line.path("image"), line.path("label"));
        }
        for (JsonNode line : tree.path("dataset")) {
            list(masks, line.path("images").path(0), line.path("label"));
        }
        return masks;
    }

    private void list(Map<String, String> masks, JsonNode image, JsonNode label) {
        String first = relative(image.asText());
        String second = relative(label.asText());
        if (first == null || second == null) {
            return;
        }
        if (!Files.exists(root.resolve(first))) { // nnU-Net 1 lists a.nii.gz for a_0000.nii.gz
            Path listed = root.resolve(first);
            String channel = Images.stem(listed) + "_0000" + Images.suffix(listed);
            first = text(root.relativize(listed.resolveSibling(channel)));
        }
        masks.put(first, second);
    }

    private @Nullable String relative(String path) {
        try {
            Path inside = root.resolve(path).normalize();
            return path.isEmpty() || !inside.startsWith(root.normalize()) ? null : text(root.relativize(inside));
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Returns a relative path in the form that JSON files have on every system. */
    static String text(Path relative) {
        return relative.toString().replace('\\', '/');
    }

    /**
     * Adds the cases that are not listed yet.
     *
     * @param masks by image, as {@link #listed} returns them
     * @return whether anything changed
     */
    boolean add(Map<String, String> masks) {
        Map<String, String> added = new LinkedHashMap<>(masks);
        added.entrySet().removeAll(listed().entrySet());
        added.forEach((image, mask) -> {
            if (tree.path("dataset") instanceof ObjectNode cases) {
                ObjectNode line = cases.putObject(Images.stem(Path.of(mask)));
                line.putArray("images").add(image);
                line.put("label", mask);
            } else {
                tree.withArray("training")
                        .addObject()
                        .put("image", "./" + image)
                        .put("label", "./" + mask);
            }
        });
        return !added.isEmpty();
    }

    /** Removes the case of a mask; returns whether it was listed. */
    boolean remove(String mask) {
        boolean changed = false;
        for (String list : List.of("training", "dataset")) {
            for (Iterator<JsonNode> lines = tree.path(list).elements(); lines.hasNext(); ) {
                if (mask.equals(relative(lines.next().path("label").asText()))) {
                    lines.remove();
                    changed = true;
                }
            }
        }
        return changed;
    }

    void write() {
        if (tree.has("numTraining")) {
            tree.put(
                    "numTraining",
                    tree.path("training").size() + tree.path("dataset").size());
        }
        JsonFile.write(root.resolve(NAME), tree);
    }

    private static AttunetException damaged(Path root, String found) {
        return new AttunetException(
                root.resolve(NAME),
                found,
                "labels and training as the Medical Segmentation Decathlon or nnU-Net write them",
                "correct the file; nothing was changed");
    }
}
