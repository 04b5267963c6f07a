package org.attunet.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.io.Yaml;

/** The reader and writer of {@code plan.yaml}: the fields of {@code model.json}, those of {@code training.json}, and the expected cost. */
final class PlanFile {
    private static final int MOST_BYTES = 1 << 20;
    private static final String REMEDY = "correct it, or have the plan made anew with 'attunet plan DATA'";
    private static final String MIRRORED = "mirroredAxes";
    private static final String TRAINING = "training";
    private static final String EXPECTED = "expected";
    private static final String SYNC = "syncBatchNorm";

    private PlanFile() {}

    // ---- writing ----

    static String text(Plan plan) {
        Map<String, String> comments = new LinkedHashMap<>(plan.reasons());
        if (plan.expected() != null) {
            comments.put(EXPECTED, expectation(plan.expected(), plan.config()));
        }
        return CommentedYaml.comment(
                        "The plan of a training. 'attunet train DATA --plan FILE' uses it; change what you like. A"
                                + " training ends after its steps or after maxMinutes, whichever comes first; 0 means no"
                                + " such end.",
                        "")
                + CommentedYaml.of(tree(plan), comments);
    }

    private static String expectation(CostEstimate expected, TrainingConfig config) {
        return String.format(
                Locale.ROOT,
                "Measured on this machine with these settings: about %d steps, %.1f minutes from start to report%s.",
                expected.steps(config),
                expected.minutes(config),
                expected.memoryMib() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %.1f GiB of memory", expected.memoryMib() / 1024.0));
    }

    static ObjectNode tree(Plan plan) {
        ObjectNode tree = plan.model().toTree().without(MIRRORED); // follows from the augmentation
        ((ObjectNode) tree.get("preprocessing"))
                .put("resize", plan.model().preprocessing().resize()); // also if it is 1, to be edited
        tree.set(TRAINING, plan.config().toTree());
        if (plan.expected() != null) {
            tree.set(EXPECTED, Json.EXACT.valueToTree(plan.expected()));
        }
        return tree;
    }

    /** The leaves in which two plans differ, by path; without the expected cost. */
    static Map<String, String> differences(Plan first, Plan second) {
        Map<String, String> found = new LinkedHashMap<>();
        compare("", tree(first.withExpected(null)), tree(second.withExpected(null)), found);
        return found;
    }

    private static void compare(String place, JsonNode first, JsonNode second, Map<String, String> found) {
        if (first.isObject() && second.isObject() && keys(first).equals(keys(second))) {
            for (String key : keys(first)) {
                compare(place.isEmpty() ? key : place + "." + key, first.path(key), second.path(key), found);
            }
        } else if (!first.equals(second)) {
            found.put(place, second + " in place of " + first);
        }
    }

    private static List<String> keys(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    // ---- reading ----

    static Plan read(Path yaml) {
        ObjectNode root = Yaml.mapping(yaml, text(yaml), MOST_BYTES, "a plan", REMEDY);
        JsonNode training = numbers(part(yaml, root, TRAINING, true));
        JsonNode expected = numbers(part(yaml, root, EXPECTED, false));
        root.remove(List.of(TRAINING, EXPECTED));
        if (training instanceof ObjectNode settings && !settings.has(SYNC)) {
            settings.put(SYNC, false); // plans of older versions don't know it
        }
        check(yaml, TRAINING, training, TrainingConfig.defaults().toTree());
        try {
            TrainingConfig config = TrainingConfig.ofTree(training);
            if (!expected.isMissingNode()) {
                check(yaml, EXPECTED, expected, Json.EXACT.valueToTree(new CostEstimate(0.5, 0.5, 0.5, 0.5, 1)));
            }
            CostEstimate measured =
                    expected.isMissingNode() ? null : Json.EXACT.treeToValue(expected, CostEstimate.class);
            if (root.has("preprocessing")) {
                root.set("preprocessing", numbers(root.get("preprocessing")));
            }
            return new Plan(model(yaml, root), config, Map.of(), measured);
        } catch (JsonProcessingException e) {
            AttunetException range = e.getCause() instanceof AttunetException own ? own : null;
            String place = e instanceof com.fasterxml.jackson.databind.JsonMappingException mapping
                    ? mapping.getPath().stream()
                            .map(reference -> String.valueOf(reference.getFieldName()))
                            .dropWhile(group -> !training.has(group)) // which files don't have
                            .reduce(TRAINING, (a, b) -> a + "." + b)
                    : TRAINING;
            throw new AttunetException(
                    yaml.toString(),
                    range == null
                            ? place + ": "
                                    + e.getOriginalMessage().lines().findFirst().orElse("")
                            : place + ": " + range.subject() + " is " + range.found(),
                    range == null ? "a value of the right kind" : range.expected(),
                    REMEDY,
                    e);
        }
    }

    private static ModelDescription model(Path yaml, ObjectNode root) {
        if (root.has(MIRRORED)) {
            throw refused(
                    yaml, "the key " + MIRRORED, "the augmentation's flip and mirroredAxes, from which it follows");
        }
        try {
            return ModelDescription.ofTree(yaml, root);
        } catch (AttunetException e) {
            throw new AttunetException(yaml.toString(), e.found(), e.expected(), REMEDY, e);
        }
    }

    private static JsonNode part(Path yaml, ObjectNode root, String key, boolean required) {
        JsonNode part = root.path(key);
        if (part.isMissingNode() ? required : !part.isObject()) {
            throw refused(
                    yaml, part.isMissingNode() ? "no key " + key : key + " is " + part, "keys and values under " + key);
        }
        return part;
    }

    /** Compares the keys and kinds of a part with an example. */
    private static void check(Path yaml, String place, JsonNode found, JsonNode example) {
        if (example.isObject()) {
            if (!found.isObject()) {
                throw refused(yaml, place + " is " + found, "the keys " + String.join(", ", keys(example)));
            }
            for (String key : keys(found)) {
                if (!example.has(key)) {
                    throw refused(
                            yaml, "unknown key " + place + "." + key, "the keys " + String.join(", ", keys(example)));
                }
            }
            for (String key : keys(example)) {
                if (!found.has(key)) {
                    throw refused(yaml, "no key " + place + "." + key, kind(example.get(key)) + " there");
                }
                check(yaml, place + "." + key, found.get(key), example.get(key));
            }
        } else {
            boolean holds = example.isIntegralNumber()
                    ? found.isIntegralNumber()
                    : example.isNumber()
                            ? found.isNumber()
                            : example.isBoolean() ? found.isBoolean() : found.isTextual();
            if (!holds) {
                throw refused(yaml, place + " is " + found, kind(example));
            }
        }
    }

    private static String kind(JsonNode example) {
        return example.isIntegralNumber()
                ? "a whole number"
                : example.isNumber()
                        ? "a number"
                        : example.isBoolean() ? "true or false" : example.isObject() ? "keys and values" : "a word";
    }

    /** Converts strings such as 1e-4, which YAML 1.1 doesn't read as a number. */
    private static JsonNode numbers(JsonNode node) {
        if (node.isObject()) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            node.properties().forEach(field -> copy.set(field.getKey(), numbers(field.getValue())));
            return copy;
        }
        boolean meant = node.isTextual() && node.asText().matches("[-+]?\\d+(\\.\\d*)?[eE][-+]?\\d{1,3}");
        return meant ? DoubleNode.valueOf(Double.parseDouble(node.asText())) : node;
    }

    private static String text(Path yaml) {
        try {
            long bytes = Files.size(yaml);
            if (bytes > MOST_BYTES) {
                throw refused(yaml, bytes + " bytes", "a plan of a few kilobytes");
            }
            return Files.readString(yaml, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new AttunetException(
                    yaml.toString(), "no such file", "a plan", "have one made with 'attunet plan DATA -o FILE'", e);
        } catch (IOException e) {
            throw new AttunetException(
                    yaml.toString(),
                    "it can't be read (" + e + ")",
                    "a readable text file",
                    "check the file and its permissions",
                    e);
        }
    }

    private static AttunetException refused(Path yaml, String found, String expected) {
        return new AttunetException(yaml, found, expected, REMEDY);
    }
}
