package org.attunet.imagej;

import ij.macro.Interpreter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The options of a macro's {@code run("Command...", "key=value key=[value with spaces] flag")}. ImageJ's dialogs read them
 * too, but need a display and pass over what they don't know.
 */
final class MacroOptions {
    private final String command;
    private final Map<String, String> values = new LinkedHashMap<>(); // "" for flags

    private MacroOptions(String command) {
        this.command = command;
    }

    /**
     * Reads options.
     *
     * @throws AttunetException if a bracket isn't closed or an option isn't known
     */
    static MacroOptions parse(String command, String text, Set<String> known) {
        var options = new MacroOptions(command);
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == ' ') {
                at++;
                continue;
            }
            int end = endOfWord(text, at);
            int equals = text.indexOf('=', at);
            String key = text.substring(at, equals >= 0 && equals < end ? equals : end);
            String value = "";
            if (equals >= 0 && equals < end) {
                end = options.endOfValue(text, equals + 1);
                value = unquoted(text.substring(equals + 1, end));
            }
            if (!known.contains(key)) {
                throw new AttunetException(
                        command,
                        "an option \"" + key + "\"",
                        "options among " + String.join(", ", known),
                        "record the command with Plugins > Macros > Record");
            }
            options.values.put(key, value);
            at = end;
        }
        return options;
    }

    private static int endOfWord(String text, int from) {
        int space = text.indexOf(' ', from);
        return space < 0 ? text.length() : space;
    }

    private int endOfValue(String text, int from) {
        if (from < text.length() && text.charAt(from) == '[') {
            int depth = 0;
            for (int i = from; i < text.length(); i++) {
                depth += text.charAt(i) == '[' ? 1 : text.charAt(i) == ']' ? -1 : 0;
                if (depth == 0) {
                    return i + 1;
                }
            }
            throw new AttunetException(command, "no ] after " + text.substring(from), "[value]", "close the bracket");
        }
        return endOfWord(text, from);
    }

    private static String unquoted(String value) {
        if (value.startsWith("[")) {
            return value.substring(1, value.length() - 1);
        }
        Interpreter macro = value.startsWith("&") ? Interpreter.getInstance() : null;
        String variable = macro == null ? null : macro.getVariableAsString(value.substring(1));
        return variable == null ? value : variable;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** The value of an option; null if it is absent or empty. */
    @Nullable
    String value(String key) {
        String value = values.get(key);
        return value == null || value.isBlank() ? null : value;
    }

    /**
     * The value of an option that must be given.
     *
     * @param expected what it is, as a noun phrase
     */
    String required(String key, String expected) {
        String value = value(key);
        if (value == null) {
            String remedy = "record the command with Plugins > Macros > Record";
            throw new AttunetException(command, "no option \"" + key + "\"", key + "=[" + expected + "]", remedy);
        }
        return value;
    }
}
