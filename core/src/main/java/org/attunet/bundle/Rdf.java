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
 * A place in a bundle's {@code rdf.yaml}: a node that knows where it stands, so that every complaint says so.
 *
 * @param file what messages call the file
 * @param at the place in the file, such as {@code inputs[0].axes}; empty for the whole
 * @param node what stands there; missing where there is nothing
 */
record Rdf(Path file, String at, JsonNode node) {
    static final long MAX_BYTES = 4 << 20;
    private static final String REMEDY = "take the file as its maker wrote it";

    /**
     * Parses the file.
     *
     * @throws AttunetException where it isn't YAML, holds a key twice or is nested beyond reason
     */
    static Rdf parse(Path file, byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        return new Rdf(file, "", Yaml.mapping(file, text, (int) MAX_BYTES, "a model's description", REMEDY));
    }

    boolean present() {
        return !node.isMissingNode() && !node.isNull();
    }

    /** A field; missing where there is none. */
    Rdf get(String field) {
        JsonNode found = node.get(field);
        return new Rdf(
                file, at.isEmpty() ? field : at + "." + field, found == null ? MissingNode.getInstance() : found);
    }

    /** A list's elements; none where it is missing. */
    List<Rdf> items() {
        List<Rdf> items = new ArrayList<>();
        if (!present()) {
            return items;
        }
        if (!node.isArray()) {
            throw wrong("a list");
        }
        for (JsonNode item : node) {
            items.add(new Rdf(file, at + "[" + items.size() + "]", item));
        }
        return items;
    }

    /** The only element of a list. */
    Rdf only(String what) {
        List<Rdf> items = items();
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
        // A plain 1e-6 is a text in YAML 1.1 and a number in 1.2: both are meant.
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

    AttunetException wrong(String expected) {
        return new AttunetException(
                file, at + (present() ? " is " + brief() : " is missing"), expected + " for " + at, REMEDY);
    }

    /** A refusal of something that is well-formed but that we can't do. */
    AttunetException unsupported(String found, String expected) {
        return new AttunetException(
                file, found, expected, "run this model with the software that it was made for, or take another");
    }

    private String brief() {
        String text = node.toString();
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
