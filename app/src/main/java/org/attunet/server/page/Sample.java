package org.attunet.server.page;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;
import org.attunet.image.Image;

/**
 * A synthetic image that ships with the server, as the rule that makes it.
 *
 * @param name in addresses
 * @param file the name of the file, whose suffix is its format
 * @param title two or three words
 * @param note what it shows, and that it is synthetic
 * @param dimension 2 or 3
 * @param shows the names of labels that a model needs to find something in it
 * @param image makes it, the same each time
 */
record Sample(
        String name, String file, String title, String note, int dimension, List<String> shows, Supplier<Image> image) {
    /** Copies the list. */
    Sample {
        shows = List.copyOf(shows);
    }

    /** As {@code GET /samples} tells it. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("title", title).put("note", note).put("dimension", dimension);
        shows.forEach(label -> json.withArray("shows").add(label));
        return json.put("file", file).put("href", "/samples/" + name);
    }

    String mediaType() {
        return file.endsWith(".png") ? "image/png" : "application/gzip";
    }
}
