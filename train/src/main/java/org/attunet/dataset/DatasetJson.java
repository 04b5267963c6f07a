package org.attunet.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.DeclaredLabels;
import org.attunet.io.Json;
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
 * @param ignored the value of voxels without a judgement, the label {@code ignore} of nnU-Net; {@link LabelMap#NONE} if
 *     there is none
 * @param channelNames empty if none are declared
 * @param training image and mask of each case as paths relative to the root; empty if there is no list
 * @param codes the labels' codes for DICOM by their names, under {@code codes}; empty if there are none
 */
record DatasetJson(
        Path file,
        @Nullable String name,
        @Nullable LabelSet labels,
        int ignored,
        List<String> channelNames,
        List<Entry> training,
        ObjectNode codes) {
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
                DeclaredLabels.of(file, json),
                DeclaredLabels.ignored(file, json),
                channelNames(json.has("channel_names") ? json.path("channel_names") : json.path("modality")),
                training(json.path("dataset").isObject() ? json.path("dataset") : json.path("training")),
                codes(file, json.path("codes")));
    }

    private static ObjectNode codes(Path file, JsonNode codes) {
        if (codes.isMissingNode()) {
            return Json.object();
        }
        if (!codes.isObject()) {
            throw new AttunetException(
                    file, "codes that are no object", "an object of codes by labels' names", "correct the codes");
        }
        return (ObjectNode) codes;
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
