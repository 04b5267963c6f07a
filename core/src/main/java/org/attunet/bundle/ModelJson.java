package org.attunet.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Json;
import org.attunet.io.WholeFile;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Preprocessing;

/** The reader and writer of {@code model.json}, and of the same tree within a bundle's {@code rdf.yaml}. */
final class ModelJson {
    private static final long MAX_BYTES = 4 << 20;
    private static final String REMEDY =
            "restore model.json from the run that wrote it, or use the version of attunet that wrote it";
    private static final List<String> FIELDS =
            List.of("version", "name", "network", "preprocessing", "labels", "patch");
    private static final String MIRRORED_AXES = "mirroredAxes";
    private static final List<String> NETWORK_FIELDS = List.of(
            "family",
            "dimension",
            "channels",
            "outputs",
            "widths",
            "upsampling",
            "normalisation",
            "gates",
            "deepSupervision");

    private ModelJson() {}

    static void write(ModelDescription model, Path json) {
        WholeFile.writeString(json, tree(model).toPrettyString() + "\n");
    }

    /** The description as a tree. */
    static ObjectNode tree(ModelDescription model) {
        ObjectNode root = Json.EXACT.createObjectNode();
        root.put("version", model.version());
        root.put("name", model.name());
        root.set("network", Json.EXACT.valueToTree(model.network()));
        root.set("preprocessing", Json.EXACT.valueToTree(model.preprocessing()));
        ObjectNode labels = root.putObject("labels");
        model.labels().asMap().forEach((value, name) -> labels.put(value.toString(), name));
        ArrayNode patch = root.putArray("patch");
        for (int size : model.patch()) {
            patch.add(size);
        }
        root.put(MIRRORED_AXES, model.mirroredAxes());
        return root;
    }

    static ModelDescription read(Path json) {
        String text = text(json);
        try {
            return of(json, Json.EXACT.readTree(text));
        } catch (JsonProcessingException e) {
            throw new AttunetException(json.toString(), firstLine(e.getOriginalMessage()), "JSON", REMEDY, e);
        }
    }

    /** The description from its tree; the file is the one that messages name. */
    static ModelDescription of(Path json, JsonNode root) {
        try {
            checkVersion(json, root);
            ObjectNode required = root.deepCopy();
            boolean told = required.remove(MIRRORED_AXES) != null;
            checkFields(json, "", required, FIELDS);
            checkFields(json, "network.", root.get("network"), NETWORK_FIELDS);
            NetworkConfig network = value(json, root, "network", NetworkConfig.class);
            Preprocessing preprocessing = value(json, root, "preprocessing", Preprocessing.class);
            return new ModelDescription(
                    root.get("version").asInt(),
                    name(json, root.get("name")),
                    network,
                    preprocessing,
                    labels(json, root.get("labels")),
                    value(json, root, "patch", int[].class),
                    told
                            ? value(json, root, MIRRORED_AXES, int.class)
                            : ModelDescription.usualMirroredAxes(network, preprocessing));
        } catch (JsonProcessingException e) {
            throw new AttunetException(json.toString(), firstLine(e.getOriginalMessage()), "JSON", REMEDY, e);
        } catch (AttunetException e) {
            throw e.subject().equals(json.toString()) ? e : refused(json, e);
        }
    }

    private static <T> T value(Path json, JsonNode root, String field, Class<T> type) throws JsonProcessingException {
        try {
            return Json.EXACT.treeToValue(root.get(field), type);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof AttunetException cause) {
                throw refused(json, cause);
            }
            String found = field + at(e) + ": " + firstLine(e.getOriginalMessage());
            throw new AttunetException(json.toString(), found, "a value of the right kind", REMEDY, e);
        }
    }

    private static AttunetException refused(Path json, AttunetException cause) {
        return new AttunetException(
                json.toString(), cause.subject() + ": " + cause.found(), cause.expected(), REMEDY, cause);
    }

    private static String text(Path json) {
        try {
            long bytes = Files.size(json);
            if (bytes > MAX_BYTES) {
                throw new AttunetException(json, bytes + " bytes", "a model.json of a few kilobytes", REMEDY);
            }
            return Files.readString(json, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new AttunetException(
                    json.toString(), "no such file", "a model's model.json", "give the folder of a trained model", e);
        } catch (IOException e) {
            throw new AttunetException(
                    json.toString(),
                    "cannot be read (" + e + ")",
                    "a readable text file",
                    "check the file and its permissions",
                    e);
        }
    }

    private static void checkVersion(Path json, JsonNode root) {
        if (!root.isObject()) {
            throw new AttunetException(json, "no JSON object", "an object with the fields " + FIELDS, REMEDY);
        }
        JsonNode version = root.get("version");
        if (version != null && !(version.isInt() && version.asInt() == ModelDescription.VERSION)) {
            throw new AttunetException(
                    json,
                    "version " + version,
                    "version " + ModelDescription.VERSION,
                    "use the version of attunet that wrote the model");
        }
    }

    private static void checkFields(Path json, String prefix, JsonNode object, List<String> expected) {
        if (!object.isObject()) {
            throw new AttunetException(
                    json, "no object in " + prefix.replace(".", ""), "an object with the fields " + expected, REMEDY);
        }
        Set<String> unknown = new TreeSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        expected.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new AttunetException(
                    json, "unknown field " + prefix + unknown.iterator().next(), "the fields " + expected, REMEDY);
        }
        for (String field : expected) {
            if (!object.hasNonNull(field)) {
                throw new AttunetException(json, "no field " + prefix + field, "the fields " + expected, REMEDY);
            }
            for (JsonNode element : object.get(field)) {
                if (object.get(field).isArray() && element.isNull()) {
                    throw new AttunetException(json, "null in " + prefix + field, "numbers", REMEDY);
                }
            }
        }
    }

    private static String name(Path json, JsonNode name) {
        if (!name.isTextual()) {
            throw new AttunetException(json, "name " + name, "a text in quotes", REMEDY);
        }
        return name.asText();
    }

    private static LabelSet labels(Path json, JsonNode node) {
        String expected = "an object of value to name, such as {\"1\": \"liver\"}";
        if (!node.isObject()) {
            throw new AttunetException(json, "labels " + node, expected, REMEDY);
        }
        var names = new TreeMap<Integer, String>();
        for (var label : node.properties()) {
            if (!label.getValue().isTextual() || !label.getKey().matches("[1-9][0-9]{0,4}")) {
                throw new AttunetException(
                        json, "label \"" + label.getKey() + "\": " + label.getValue(), expected, REMEDY);
            }
            names.put(Integer.parseInt(label.getKey()), label.getValue().asText());
        }
        return LabelSet.of(names);
    }

    private static String at(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference reference : e.getPath()) {
            path.append(reference.getFieldName() == null ? "" : "." + reference.getFieldName());
        }
        return path.toString();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("not JSON");
    }
}
