package org.attunet.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.JsonFile;
import org.jspecify.annotations.Nullable;

/**
 * The content of a {@code dataset.json}, in either dialect: the Medical Segmentation Decathlon's ({@code labels} from value
 * to name, {@code modality}, a {@code training} list) or nnU-Net's ({@code labels} from name to value, {@code
 * channel_names}, images and masks of each case in {@code dataset}).
 *
 * @param file its path
 * @param name the data set's name; null if it has none
 * @param labels null if none are declared
 * @param channelNames empty if none are declared
 * @param training image and mask of each case as paths relative to the root; empty if there is no list
 */
record DatasetJson(
        Path file, @Nullable String name, @Nullable LabelSet labels, List<String> channelNames, List<Entry> training) {
    /** One line of the training list. */
    record Entry(List<String> images, String mask) {}

    /** Reads {@code dataset.json} in a folder; null if there is none. */
    static @Nullable DatasetJson in(Path root) {
        Path file = root.resolve("dataset.json");
        if (!Files.isRegularFile(file)) {
            return null;
        }
        JsonNode json = JsonFile.readForeign(file, "a JSON object with labels", "correct the file");
        if (!json.isObject()) {
            throw new AttunetException(file, "no JSON object", "an object with labels", "write it anew");
        }
        return new DatasetJson(
                file,
                json.path("name").isTextual() ? json.path("name").asText() : null,
                labels(file, json.path("labels")),
                channelNames(json.has("channel_names") ? json.path("channel_names") : json.path("modality")),
                training(json.path("dataset").isObject() ? json.path("dataset") : json.path("training")));
    }

    private static @Nullable LabelSet labels(Path file, JsonNode node) {
        if (!node.isObject() || node.isEmpty()) {
            return null;
        }
        Map<Integer, String> names = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            boolean valueFirst = field.getKey().strip().matches("\\d{1,9}")
                    && field.getValue().isTextual();
            int value = valueFirst ? Integer.parseInt(field.getKey().strip()) : number(file, field);
            String name = valueFirst ? field.getValue().asText() : field.getKey();
            if (value == 0) {
                continue;
            }
            String before = names.put(value, name);
            if (before != null) {
                throw new AttunetException(
                        file,
                        "the labels '" + before + "' and '" + name + "' both have the value " + value,
                        "one name for each value",
                        "correct labels");
            }
        }
        if (names.isEmpty()) {
            throw new AttunetException(file, "no label but the background", "one label or more", "declare the labels");
        }
        return LabelSet.of(names);
    }

    private static int number(Path file, Map.Entry<String, JsonNode> field) {
        JsonNode value = field.getValue();
        if (value.isTextual() && value.asText().strip().matches("\\d{1,9}")) {
            return Integer.parseInt(value.asText().strip());
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 0) {
            throw new AttunetException(
                    file,
                    "the label '" + field.getKey() + "' is " + value,
                    "one whole number from 0 to 65535 for each name (regions of several values are not read)",
                    "give each value in the masks a name of its own");
        }
        return value.asInt();
    }

    private static List<String> channelNames(JsonNode node) {
        List<String> names = new ArrayList<>();
        if (node.isObject()) {
            // keys "0", "1", ... number the channels; their order in the file means nothing
            var sorted = new TreeMap<Integer, String>();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                sorted.put(
                        field.getKey().matches("\\d{1,9}") ? Integer.parseInt(field.getKey()) : sorted.size(),
                        field.getValue().asText());
            }
            names.addAll(sorted.values());
        } else if (node.isArray()) {
            node.forEach(name -> names.add(name.asText()));
        }
        return names;
    }

    /** The entries that name images and a mask: in {@code images} and {@code label}, or in {@code image} and {@code label}. */
    private static List<Entry> training(JsonNode node) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode line : node) {
            List<String> images = new ArrayList<>();
            if (node.isObject()) {
                line.path("images").forEach(image -> images.add(image.asText()));
            } else if (line.path("image").isTextual()) {
                images.add(line.path("image").asText());
            }
            if (!images.isEmpty() && line.path("label").isTextual()) {
                entries.add(new Entry(images, line.path("label").asText()));
            }
        }
        return entries;
    }
}
