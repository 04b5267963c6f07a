package org.attunet.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Writes a tree as readable YAML: one setting per line, lists in one line, comments above their keys. */
final class CommentedYaml {
    private static final int WIDTH = 110;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_+./-]*");
    /** Words that YAML 1.1 doesn't read as strings. */
    private static final Set<String> RESERVED =
            Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf");

    private final Map<String, String> comments;
    private final StringBuilder text = new StringBuilder();

    private CommentedYaml(Map<String, String> comments) {
        this.comments = comments;
    }

    /**
     * Writes an object.
     *
     * @param comments by path, such as {@code training.batch}; those without a key are left out
     */
    static String of(JsonNode object, Map<String, String> comments) {
        var yaml = new CommentedYaml(comments);
        yaml.fields(object, "", "");
        return yaml.text.toString();
    }

    private void fields(JsonNode object, String prefix, String indent) {
        boolean afterBlock = false;
        for (var field : object.properties()) {
            String place = prefix + field.getKey();
            JsonNode value = field.getValue();
            boolean block = value.isObject() && !value.isEmpty() && !fitsIntoLine(value);
            if (prefix.isEmpty() && (block || afterBlock)) {
                text.append('\n');
            }
            afterBlock = block;
            String comment = comments.get(place);
            if (comment != null) {
                text.append(comment(comment, indent));
            }
            text.append(indent).append(key(field.getKey())).append(':');
            if (block) {
                text.append('\n');
                fields(value, place + ".", indent + "  ");
            } else {
                text.append(' ').append(flow(value)).append('\n');
            }
        }
    }

    /** Whether an object fits into a line: up to three numbers, or nothing. */
    private static boolean fitsIntoLine(JsonNode object) {
        return object.properties().stream().allMatch(f -> f.getValue().isNumber()) && object.size() <= 3;
    }

    /** A sentence as comment lines of at most {@link #WIDTH} characters, unless a word is longer. */
    static String comment(String sentence, String indent) {
        var lines = new StringBuilder();
        var line = new StringBuilder(indent + "#");
        for (String word : sentence.strip().split("\\s+")) {
            if (line.length() + 1 + word.length() > WIDTH && line.length() > indent.length() + 1) {
                lines.append(line).append('\n');
                line = new StringBuilder(indent + "#");
            }
            line.append(' ').append(word);
        }
        return lines.append(line).append('\n').toString();
    }

    private static String flow(JsonNode value) {
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(CommentedYaml::flow)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        if (value.isObject()) {
            return value.properties().stream()
                    .map(field -> key(field.getKey()) + ": " + flow(field.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value.isFloatingPointNumber()) {
            // without an exponent, which YAML 1.1 and 1.2 read differently
            String plain = new BigDecimal(value.asText()).stripTrailingZeros().toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        return value.isTextual() ? scalar(value.asText()) : value.toString();
    }

    private static String key(String key) {
        return key.matches("[1-9][0-9]*") ? key : scalar(key);
    }

    private static String scalar(String word) {
        boolean plain = PLAIN.matcher(word).matches() && !RESERVED.contains(word.toLowerCase(Locale.ROOT));
        return plain ? word : TextNode.valueOf(word).toString();
    }
}
