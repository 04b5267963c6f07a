package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.server.http.Uploads;

/**
 * An image of the data store with its labels, as the index stores it.
 *
 * @param id what clients call it; any text, never part of a path
 * @param file the image's file, relative to the store's folder, with {@code /}
 * @param uploaded whether a client uploaded it; clients can't delete images that came with the folder
 * @param info the client's parameters, and when it was added ({@code ts}, in seconds since 1970)
 * @param labels by tag
 */
record StoredImage(String id, String file, boolean uploaded, ObjectNode info, SortedMap<String, Label> labels) {
    /**
     * One label map of an image.
     *
     * @param file relative to the store's folder, with {@code /}
     * @param saved whether a client saved it; clients can't delete labels that came with the folder
     * @param info the client's parameters, and when it was saved
     */
    record Label(String file, boolean saved, ObjectNode info) {
        Label {
            file = Objects.requireNonNullElse(file, "");
            info = info == null ? Json.object() : info;
        }

        /** Returns {@code .nii.gz} or {@code .nii}. */
        String suffix() {
            return Images.suffix(Path.of(file));
        }
    }

    StoredImage {
        id = Objects.requireNonNullElse(id, "");
        file = Objects.requireNonNullElse(file, "");
        info = info == null ? Json.object() : info;
        labels = Collections.unmodifiableSortedMap(labels == null ? new TreeMap<>() : new TreeMap<>(labels));
    }

    StoredImage with(String tag, Label label) {
        SortedMap<String, Label> more = new TreeMap<>(labels);
        more.put(tag, label);
        return withLabels(more);
    }

    StoredImage without(String tag) {
        SortedMap<String, Label> less = new TreeMap<>(labels);
        less.remove(tag);
        return withLabels(less);
    }

    StoredImage withLabels(SortedMap<String, Label> other) {
        return new StoredImage(id, file, uploaded, info, other);
    }

    /** Returns {@code .nii.gz} or {@code .nii}. */
    String suffix() {
        return Images.suffix(Path.of(file));
    }

    /** Returns the file name of a download in this format, derived from the id. */
    String downloadName(String suffix) {
        return Uploads.stem(id) + suffix;
    }
}
