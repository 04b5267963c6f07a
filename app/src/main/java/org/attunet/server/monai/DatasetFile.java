package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.JsonFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code dataset.json} of a data set, in the Medical Segmentation Decathlon's dialect or nnU-Net's. Changed are the list
 * of cases and {@code numTraining} alone; every other field stays as it was found.
 *
 * <p>It is read anew for each change, so that what a person edits meanwhile is not lost.
 */
final class DatasetFile {
    private final Path root;
    private final Path file;
    private final ObjectNode tree;

    private DatasetFile(Path root, Path file, ObjectNode tree) {
        this.root = root;
        this.file = file;
        this.tree = tree;
    }

    /**
     * Reads it.
     *
     * @param labels what a file that is not there yet shall declare
     * @throws AttunetException where it is damaged
     */
    static DatasetFile in(Path root, LabelSet labels) {
        Path file = root.resolve("dataset.json");
        if (!Files.exists(file)) {
            return new DatasetFile(root, file, fresh(labels));
        }
        JsonNode tree =
                JsonFile.readForeign(file, "the data set's description, an object with labels", "correct the file");
        if (!(tree instanceof ObjectNode object)) {
            throw damaged(file, "it holds no JSON object");
        }
        if (tree.has("training") && !tree.path("training").isArray()) {
            throw damaged(file, "training is no list");
        }
        return new DatasetFile(root, file, object);
    }

    private static ObjectNode fresh(LabelSet labels) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("name", "datastore");
        tree.put("description", "Images and the labels that were saved for them");
        ObjectNode names = tree.putObject("labels").put("0", "background");
        labels.asMap().forEach((value, name) -> names.put(Integer.toString(value), name));
        tree.put("numTraining", 0);
        tree.putArray("training");
        return tree;
    }

    /** What it declares, or null where it declares no labels. */
    @Nullable
    LabelSet labels() {
        Map<Integer, String> names = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : tree.path("labels").properties()) {
            String key = field.getKey().strip();
            JsonNode value = field.getValue();
            boolean valueFirst = key.matches("\\d{1,5}") && value.isTextual() && number(value.asText()) < 0;
            int number = valueFirst ? number(key) : value.isContainerNode() ? -1 : number(value.asText());
            if (number < 0) {
                throw damaged(
                        file,
                        "the label \"" + key + "\" is no whole number (regions of several values are not served)");
            }
            if (number > 0 && names.put(number, valueFirst ? value.asText() : field.getKey()) != null) {
                throw damaged(file, "two labels have the value " + number);
            }
        }
        return names.isEmpty() ? null : LabelSet.of(names);
    }

    private static int number(String text) {
        return text.strip().matches("\\d{1,9}") ? Integer.parseInt(text.strip()) : -1;
    }

    /** The listed masks by their images, as paths relative to the root with {@code /}; what lies outside is left out. */
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

    /** A relative path as JSON files tell it on every system. */
    static String text(Path relative) {
        return relative.toString().replace('\\', '/');
    }

    /**
     * Lists cases that are not listed yet.
     *
     * @param masks by their images, as {@link #listed} gives them
     * @return whether anything changed
     */
    boolean add(Map<String, String> masks) {
        Map<String, String> listed = listed();
        boolean changed = false;
        for (Map.Entry<String, String> mask : masks.entrySet()) {
            if (mask.getValue().equals(listed.get(mask.getKey()))) {
                continue;
            }
            changed = true;
            if (tree.path("dataset") instanceof ObjectNode cases) {
                ObjectNode line = cases.putObject(Images.stem(Path.of(mask.getValue())));
                line.putArray("images").add(mask.getKey());
                line.put("label", mask.getValue());
            } else {
                tree.withArray("training")
                        .addObject()
                        .put("image", "./" + mask.getKey())
                        .put("label", "./" + mask.getValue());
            }
        }
        return changed;
    }

    /** Takes the case of a mask out of the list; returns whether it was there. */
    boolean remove(String mask) {
        boolean changed = false;
        if (tree.path("training") instanceof ArrayNode lines) {
            for (int k = lines.size() - 1; k >= 0; k--) {
                if (mask.equals(relative(lines.path(k).path("label").asText()))) {
                    lines.remove(k);
                    changed = true;
                }
            }
        }
        if (tree.path("dataset") instanceof ObjectNode cases) {
            for (Map.Entry<String, JsonNode> line : Map.copyOf(asMap(cases)).entrySet()) {
                if (mask.equals(relative(line.getValue().path("label").asText()))) {
                    cases.remove(line.getKey());
                    changed = true;
                }
            }
        }
        return changed;
    }

    private static Map<String, JsonNode> asMap(ObjectNode tree) {
        Map<String, JsonNode> map = new LinkedHashMap<>();
        tree.properties().forEach(field -> map.put(field.getKey(), field.getValue()));
        return map;
    }

    /** Writes it whole or not at all. */
    void write() {
        if (tree.has("numTraining")) {
            tree.put(
                    "numTraining",
                    tree.path("training").size() + tree.path("dataset").size());
        }
        JsonFile.write(file, tree);
    }

    private static AttunetException damaged(Path file, String found) {
        return new AttunetException(
                file,
                found,
                "labels and training as the Medical Segmentation Decathlon or nnU-Net write them",
                "correct the file; nothing was changed");
    }
}
