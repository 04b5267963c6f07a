package org.attunet.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.io.Yaml;

/**
 * A node of a bundle's {@code rdf.yaml} with its path, which error messages name.
 *
 * @param file the file's path for messages
 * @param at the node's path in the file, such as {@code inputs[0].axes}; empty for the root
 * @param node the node; a {@link MissingNode} if there is none
 */
record RdfNode(Path file, String at, JsonNode node) {
    static final long MAX_BYTES = 4 << 20;
    private static final String REMEDY = "use the file as its author wrote it";

    /**
     * Parses the file.
     *
     * @throws AttunetException if it isn't YAML, has a duplicate key or is nested too deeply
     */
    static RdfNode parse(Path file, byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        return new RdfNode(file, "", Yaml.mapping(file, text, (int) MAX_BYTES, "a model's description", REMEDY));
    }

    boolean present() {
        return !node.isMissingNode() && !node.isNull();
    }

    /** A field, which may be missing. */
    RdfNode get(String field) {
        JsonNode found = node.get(field);
        return new RdfNode(
                file, at.isEmpty() ? field : at + "." + field, found == null ? MissingNode.getInstance() : found);
    }

    /** The elements of a list; none if it is missing. */
    List<RdfNode> items() {
        List<RdfNode> items = new ArrayList<>();
        if (!present()) {
            return items;
        }
        if (!node.isArray()) {
            throw wrong("a list");
        }
        for (JsonNode item : node) {
            items.add(new RdfNode(file, at + "[" + items.size() + "]", item));
        }
        return items;
    }

    /** The only element of a list. */
    RdfNode only(String what) {
        List<RdfNode> items = items();
        if (items.size() != 1) {
            throw new AttunetException(
                    file, items.size() + " " + at, "one " + what, "use a model with one input and one output");
        }
        return items.get(0);
    }

    String text() {
        if (!node.isTextual()) {
            throw wrong("a text");
        }
        return node.asText();
    }

    String text(String otherwise) {
        return present() ? text() : otherwise;
    }

    double number() {
        // A plain 1e-6 is a string in YAML 1.1 and a number in 1.2: accept both.
        boolean texted = node.isTextual() && node.asText().matches("[-+]?\\d+(\\.\\d*)?[eE][-+]?\\d+");
        double value = texted ? Double.parseDouble(node.asText()) : node.asDouble(Double.NaN);
        if (!(node.isNumber() || texted) || !Double.isFinite(value)) {
            throw wrong("a finite number");
        }
        return value;
    }

    double number(double otherwise) {
        return present() ? number() : otherwise;
    }

    /** A whole number from {@code low} to {@code high}. */
    int integer(int low, int high) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < low || node.asInt() > high) {
            throw wrong("a whole number from " + low + " to " + high);
        }
        return node.asInt();
    }

    /** The error for a missing or malformed value. */
    AttunetException wrong(String expected) {
        return new AttunetException(
                file, at + (present() ? " is " + brief() : " is missing"), expected + " for " + at, REMEDY);
    }

    /** The error for a well-formed value that is not supported. */
    AttunetException unsupported(String found, String expected) {
        return new AttunetException(
                file, found, expected, "run this model with the software that it was made for, or use another model");
    }

    private String brief() {
        String text = node.toString();
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
