package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.attunet.io.Images;
import org.attunet.server.http.Uploads;

/**
 * An image of the data store with its labels.
 *
 * @param id what clients call it; any text, never part of a path
 * @param file the image's file, relative to the store's folder, with {@code /}
 * @param uploaded whether a client gave it; what came with the folder is not deleted by clients
 * @param info what clients said of it, and when it came ({@code ts}, in seconds since 1970)
 * @param labels by their tags
 */
record StoredImage(String id, String file, boolean uploaded, ObjectNode info, SortedMap<String, Label> labels) {
    /**
     * One label.
     *
     * @param file relative to the store's folder, with {@code /}
     * @param saved whether a client saved it; what came with the folder is not deleted by clients
     * @param info what the client said of it, and when it came
     */
    record Label(String file, boolean saved, ObjectNode info) {
        ObjectNode json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("file", file)
                    .put("saved", saved)
                    .set("info", info);
        }
    }

    StoredImage {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    StoredImage with(String tag, Label label) {
        SortedMap<String, Label> more = new TreeMap<>(labels);
        more.put(tag, label);
        return new StoredImage(id, file, uploaded, info, more);
    }

    StoredImage without(String tag) {
        SortedMap<String, Label> less = new TreeMap<>(labels);
        less.remove(tag);
        return new StoredImage(id, file, uploaded, info, less);
    }

    /** {@code .nii.gz} or {@code .nii}. */
    String suffix() {
        return Images.suffix(Path.of(file));
    }

    /** A name for a download, made of the id. */
    String downloadName() {
        return Uploads.stem(id) + suffix();
    }

    /** As the index keeps it. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).put("file", file).put("uploaded", uploaded).set("info", info);
        ObjectNode all = json.putObject("labels");
        labels.forEach((tag, label) -> all.set(tag, label.json()));
        return json;
    }

    /** What {@link #json} wrote. */
    static StoredImage of(JsonNode json) {
        SortedMap<String, Label> labels = new TreeMap<>();
        json.path("labels")
                .properties()
                .forEach(field -> labels.put(
                        field.getKey(),
                        new Label(
                                field.getValue().path("file").asText(),
                                field.getValue().path("saved").asBoolean(),
                                info(field.getValue()))));
        return new StoredImage(
                json.path("id").asText(),
                json.path("file").asText(),
                json.path("uploaded").asBoolean(),
                info(json),
                labels);
    }

    private static ObjectNode info(JsonNode json) {
        return json.path("info") instanceof ObjectNode info ? info : JsonNodeFactory.instance.objectNode();
    }
}
