package org.attunet.annotation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.jspecify.annotations.Nullable;

/**
 * An index of a file in COCO's format ("instances_*.json"): which images it lists, and where in the file each image's
 * annotations are, so that a case reads only its own. Source: cocodataset.org, "Data format", 1 and 3.
 *
 * @param images by their ids as text
 * @param categories the names of kinds by their ids as text
 * @param strays how many annotations are of images that it doesn't list
 */
record CocoFile(Path file, Map<String, Listed> images, Map<String, String> categories, int strays) {
    static final String WHAT = "COCO annotations (images, annotations, categories)";

    private static final Set<String> KEYS = Set.of("images", "annotations");

    /** The places of an image's annotations in the file: the first byte and the one after the last of each in turn. */
    static final class Places {
        private long[] bytes = new long[8];
        private int count;

        private void add(long from, long to) {
            bytes = count < bytes.length ? bytes : Arrays.copyOf(bytes, 2 * count);
            bytes[count++] = from;
            bytes[count++] = to;
        }

        private int size() {
            return count / 2;
        }

        long[] toArray() {
            return Arrays.copyOf(bytes, count);
        }
    }

    /**
     * An image that the file lists.
     *
     * @param name its file's, perhaps with folders
     * @param width 0 if not given
     * @param height 0 if not given
     */
    record Listed(String name, int width, int height, Places annotations) {}

    /**
     * Whether a file holds images and annotations as COCO's do, by the keys of its first level.
     *
     * @throws AttunetException if it is damaged after one of these keys
     */
    static boolean isIn(Path file) {
        Set<String> found = new HashSet<>();
        try {
            return JsonStream.read(file, WHAT, json -> {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    return false;
                }
                while (found.size() < 2 && json.nextToken() == JsonToken.FIELD_NAME) {
                    Interruption.check();
                    String name = json.currentName();
                    if (json.nextToken() == JsonToken.START_ARRAY && KEYS.contains(name)) {
                        found.add(name);
                    }
                    json.skipChildren();
                }
                return found.size() == 2;
            });
        } catch (AttunetException e) {
            if (!found.isEmpty()) {
                throw e;
            }
            return false; // any other JSON
        }
    }

    static CocoFile read(Path file) {
        Map<String, Listed> images = new LinkedHashMap<>();
        Map<String, String> categories = new HashMap<>();
        Map<String, Places> places = new HashMap<>();
        return JsonStream.read(file, WHAT, json -> {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw notCoco(file, "it begins with " + json.currentToken());
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                boolean list = json.nextToken() == JsonToken.START_ARRAY;
                if (list && name.equals("images")) {
                    JsonStream.elements(json, at -> image(file, JsonStream.tree(at), images, places));
                } else if (list && name.equals("annotations")) {
                    JsonStream.elements(json, at -> annotation(file, at, places));
                } else if (list && name.equals("categories")) {
                    JsonStream.elements(json, at -> {
                        JsonNode one = JsonStream.tree(at);
                        categories.put(one.path("id").asText(), JsonStream.text(one.path("name")));
                    });
                } else {
                    json.skipChildren();
                }
            }
            if (json.currentToken() != JsonToken.END_OBJECT || images.isEmpty()) {
                throw notCoco(file, "it lists no images");
            }
            places.keySet().removeAll(images.keySet());
            int strays = places.values().stream().mapToInt(Places::size).sum();
            return new CocoFile(file, images, categories, strays);
        });
    }

    private static void image(Path file, JsonNode one, Map<String, Listed> images, Map<String, Places> places) {
        String id = one.path("id").asText();
        String name = one.path("file_name").asText();
        if (id.isEmpty() || name.isEmpty()) {
            throw notCoco(file, "an image has no id or no file_name");
        }
        Places own = places.computeIfAbsent(id, key -> new Places());
        Listed image =
                new Listed(name, one.path("width").asInt(), one.path("height").asInt(), own);
        if (images.put(id, image) != null) {
            throw notCoco(file, "two images have the id " + JsonStream.text(one.path("id")));
        }
    }

    private static void annotation(Path file, JsonParser json, Map<String, Places> places) throws IOException {
        long from = json.currentTokenLocation().getByteOffset();
        if (json.currentToken() != JsonToken.START_OBJECT || from < 0) {
            throw notCoco(file, from < 0 ? "it isn't in UTF-8" : "an annotation is " + json.currentToken());
        }
        @Nullable String image = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = json.currentName().equals("image_id");
            boolean scalar = json.nextToken().isScalarValue();
            image = wanted && scalar ? json.getText() : image;
            json.skipChildren();
        }
        if (image == null) {
            throw notCoco(file, "an annotation has no image_id");
        }
        places.computeIfAbsent(image, key -> new Places())
                .add(from, json.currentLocation().getByteOffset());
    }

    static AttunetException notCoco(Path file, String found) {
        return new AttunetException(file, found, WHAT, "export the data set again");
    }
}
