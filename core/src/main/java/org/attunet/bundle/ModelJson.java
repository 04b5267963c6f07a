package org.attunet.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Json;
import org.attunet.io.WholeFile;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/** Reads and writes {@code model.json}, and the same tree in a bundle's {@code rdf.yaml}. */
final class ModelJson {
    private static final long MAX_BYTES = 4 << 20;
    private static final String REMEDY =
            "restore model.json from the run that wrote it, or use the version of attunet that wrote it";
    private static final List<String> FIELDS =
            List.of("version", "name", "network", "preprocessing", "labels", "patch");
    private static final String MIRRORED_AXES = "mirroredAxes";
    private static final String RESIZE = "resize";
    private static final String CODES = "codes";
    private static final String REGIONS = "regions";
    private static final List<String> NETWORK_FIELDS = Arrays.stream(NetworkConfig.class.getRecordComponents())
            .map(RecordComponent::getName)
            .toList();

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
        ObjectNode preprocessing = Json.EXACT.valueToTree(model.preprocessing());
        if (model.preprocessing().resize() == 1) {
            preprocessing.remove(RESIZE); // as in files of older versions
        }
        root.set("preprocessing", preprocessing);
        root.set("labels", Json.EXACT.valueToTree(model.labels().asMap()));
        if (model.labels().hasRegions()) {
            ObjectNode regions = root.putObject(REGIONS);
            model.labels()
                    .regions()
                    .forEach(region ->
                            regions.set(String.valueOf(region.value()), Json.EXACT.valueToTree(region.covers())));
        }
        root.set("patch", Json.EXACT.valueToTree(model.patch()));
        root.put(MIRRORED_AXES, model.mirroredAxes());
        if (!model.codes().isEmpty()) {
            root.set(CODES, model.codes());
        }
        return root;
    }

    static ModelDescription read(Path json) {
        String text = text(json);
        try {
            return of(json, Json.EXACT.readTree(text));
        } catch (JsonProcessingException e) {
            throw refused(json, firstLine(e), "JSON", e);
        }
    }

    /** Returns the description in a tree; messages name the file. */
    static ModelDescription of(Path json, JsonNode root) {
        try {
            checkVersion(json, root);
            ObjectNode required = root.deepCopy();
            boolean hasMirroredAxes = required.remove(MIRRORED_AXES) != null;
            JsonNode codes = required.remove(CODES);
            if (codes != null && !codes.isObject()) {
                throw refused(json, "codes: " + codes.getNodeType(), "an object of codes by labels' names", null);
            }
            JsonNode regions = required.remove(REGIONS);
            checkFields(json, "", required, FIELDS);
            checkFields(json, "network.", root.get("network"), NETWORK_FIELDS);
            if (required.get("preprocessing") instanceof ObjectNode settings && !settings.has(RESIZE)) {
                settings.put(RESIZE, 1.0);
            }
            NetworkConfig network = value(json, root, "network", NetworkConfig.class);
            Preprocessing preprocessing = value(json, required, "preprocessing", Preprocessing.class);
            return new ModelDescription(
                    root.get("version").asInt(),
                    name(json, root.get("name")),
                    network,
                    preprocessing,
                    labels(json, root.get("labels"), regions),
                    value(json, root, "patch", int[].class),
                    hasMirroredAxes
                            ? value(json, root, MIRRORED_AXES, int.class)
                            : ModelDescription.defaultMirroredAxes(network, preprocessing),
                    codes == null ? Json.object() : (ObjectNode) codes);
        } catch (JsonProcessingException e) {
            throw refused(json, firstLine(e), "JSON", e);
        } catch (AttunetException e) {
            throw e.subject().equals(json.toString())
                    ? e
                    : refused(json, e.subject() + ": " + e.found(), e.expected(), e);
        }
    }

    private static <T> T value(Path json, JsonNode root, String field, Class<T> type) throws JsonProcessingException {
        try {
            return Json.EXACT.treeToValue(root.get(field), type);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof AttunetException cause) {
                throw cause;
            }
            throw refused(json, field + at(e) + ": " + firstLine(e), "a value of the right kind", e);
        }
    }

    private static AttunetException refused(Path json, String found, String expected, @Nullable Exception cause) {
        return new AttunetException(json.toString(), found, expected, REMEDY, cause);
    }

    private static String text(Path json) {
        try {
            long bytes = Files.size(json);
            if (bytes > MAX_BYTES) {
                throw refused(json, bytes + " bytes", "a model.json of a few kilobytes", null);
            }
            return Files.readString(json, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new AttunetException(
                    json.toString(), "no such file", "a model's model.json", "give the folder of a trained model", e);
        } catch (IOException e) {
            String remedy = "check the file and its permissions";
            throw new AttunetException(
                    json.toString(), "cannot be read (" + e + ")", "a readable text file", remedy, e);
        }
    }

    private static void checkVersion(Path json, JsonNode root) {
        if (!root.isObject()) {
            throw refused(json, "no JSON object", "an object with the fields " + FIELDS, null);
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
            String found = "no object in " + prefix.replace(".", "");
            throw refused(json, found, "an object with the fields " + expected, null);
        }
        Set<String> unknown = new TreeSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        expected.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            String first = unknown.iterator().next();
            throw refused(json, "unknown field " + prefix + first, "the fields " + expected, null);
        }
        for (String field : expected) {
            if (!object.hasNonNull(field)) {
                throw refused(json, "no field " + prefix + field, "the fields " + expected, null);
            }
            for (JsonNode element : object.get(field)) {
                if (object.get(field).isArray() && element.isNull()) {
                    throw refused(json, "null in " + prefix + field, "numbers", null);
                }
            }
        }
    }

    private static String name(Path json, JsonNode name) {
        if (!name.isTextual()) {
            throw refused(json, "name " + name, "a text in quotes", null);
        }
        return name.asText();
    }

    private static LabelSet labels(Path json, JsonNode node, @Nullable JsonNode regions) {
        String expected = "an object of value to name, such as {\"1\": \"liver\"}";
        if (!node.isObject()) {
            throw refused(json, "labels " + node, expected, null);
        }
        var names = new TreeMap<Integer, String>();
        for (var label : node.properties()) {
            if (!label.getValue().isTextual() || !label.getKey().matches("[1-9][0-9]{0,4}")) {
                throw refused(json, "label \"" + label.getKey() + "\": " + label.getValue(), expected, null);
            }
            names.put(Integer.parseInt(label.getKey()), label.getValue().asText());
        }
        return regions == null ? LabelSet.of(names) : regions(json, names, regions);
    }

    /** Labels that may overlap, in the order of the object of regions. */
    private static LabelSet regions(Path json, Map<Integer, String> names, JsonNode node) {
        String expected = "an object of the values that each label covers, such as {\"1\": [1, 2]}";
        if (!node.isObject() || node.size() != names.size()) {
            throw refused(json, REGIONS + " " + node, expected, null);
        }
        List<LabelSet.Region> regions = new ArrayList<>();
        for (var region : node.properties()) {
            Set<Integer> covers = new TreeSet<>();
            for (JsonNode value : region.getValue()) {
                if (!value.isInt()) {
                    throw refused(json, REGIONS + ": " + value, expected, null);
                }
                covers.add(value.asInt());
            }
            String name =
                    region.getKey().matches("[1-9][0-9]{0,4}") ? names.get(Integer.valueOf(region.getKey())) : null;
            if (name == null) {
                throw refused(json, "the region \"" + region.getKey() + "\", which is no label", expected, null);
            }
            regions.add(new LabelSet.Region(Integer.parseInt(region.getKey()), name, covers));
        }
        return LabelSet.regions(regions);
    }

    private static String at(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .map(name -> "." + name)
                .collect(Collectors.joining());
    }

    private static String firstLine(JsonProcessingException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("not JSON");
    }
}
