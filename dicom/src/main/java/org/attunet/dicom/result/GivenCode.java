package org.attunet.dicom.result;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.dicom.result.CodedLabel.Concept;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A label's codes as a user gave them in JSON.
 *
 * @param subject the file that holds them
 * @param label its name and what is said of it
 */
record GivenCode(String subject, Map.Entry<String, JsonNode> label) {
    private static final Set<String> PARTS = Set.of("category", "type", "modifier", "region");
    private static final Set<String> KEYS = Set.of("scheme", "value", "meaning");
    private static final int MOST_SCHEME = 16;
    private static final int MOST = 64;

    Concept concept() {
        JsonNode node = label.getValue();
        if (node.has("value")) {
            Code type = code(node);
            return new Concept(category(type), type, null, null);
        }
        requireKeys(node, PARTS);
        if (!node.has("type")) {
            throw wrong("no type");
        }
        Code type = code(node.path("type"));
        Code category = part(node, "category");
        return new Concept(
                category == null ? category(type) : category, type, part(node, "modifier"), part(node, "region"));
    }

    private static Code category(Code type) {
        return Objects.requireNonNullElse(CodeTable.category(type), new Code("SCT", "85756007", "Tissue"));
    }

    private @Nullable Code part(JsonNode node, String key) {
        return node.has(key) ? code(node.path(key)) : null;
    }

    private Code code(JsonNode node) {
        requireKeys(node, KEYS);
        return new Code(text(node, "scheme", MOST_SCHEME), text(node, "value", MOST), text(node, "meaning", MOST));
    }

    private void requireKeys(JsonNode node, Set<String> known) {
        if (!node.isObject()) {
            throw wrong("no object");
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw wrong("the key '" + key + "'");
            }
        });
    }

    private String text(JsonNode node, String key, int most) {
        String text = node.path(key).isTextual() ? Texts.line(node.path(key).textValue()) : "";
        boolean whole = node.path(key).isTextual() && text.equals(node.path(key).textValue());
        if (text.isEmpty() || !whole || text.length() > most) {
            throw wrong("a code whose " + key + " is " + node.path(key));
        }
        return text;
    }

    private AttunetException wrong(String found) {
        return new AttunetException(
                subject,
                found + " in the code of '" + label.getKey() + "'",
                "scheme (at most 16 characters), value and meaning (at most 64), or such codes under type, category,"
                        + " modifier and region",
                "correct the code");
    }
}
