package org.attunet.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine.ExitCode;

/**
 * The streams of a command: results go to standard output, messages, progress and failures to standard error.
 *
 * @param out results
 * @param err messages, progress and failures
 * @param json whether results are one JSON document instead of text
 * @param columns the width of the terminal behind {@code err}, 0 if there is none
 */
public record Console(PrintStream out, PrintStream err, boolean json, int columns) {
    /** The system property with the terminal's width, set by the launcher if standard error is a terminal. */
    public static final String COLUMNS = "attunet.columns";

    private static final Pattern CONTROL =
            Pattern.compile("\\r(?!\\n)|[\\p{Cc}\\u202A-\\u202E\\u2066-\\u2069&&[^\\r\\n\\t]]");

    /**
     * Replaces characters that command a terminal or turn the order of letters by question marks: the names and texts of a
     * model or data set from elsewhere may hold some.
     */
    static String plain(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }

    /** Whether standard error is a terminal. */
    public boolean terminal() {
        return columns > 0;
    }

    /** Prints a line on standard error. */
    public void message(String text) {
        err.println(plain(text));
    }

    /** Prints notes on standard error, a line each. */
    public void notes(List<String> notes) {
        notes.forEach(note -> message("note: " + note));
    }

    /** Prints warnings on standard error, a line each. */
    public void warnings(List<String> warnings) {
        warnings.forEach(warning -> message("warning: " + warning));
    }

    /** Prints what failed although the command went on, a line each, and returns the command's exit code. */
    public int problems(List<String> problems) {
        problems.forEach(problem -> message("attunet: " + problem));
        return problems.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    /** Prints the result of a command as JSON or text. */
    public void result(Supplier<? extends JsonNode> document, Supplier<String> text) {
        out.println(json ? document.get().toPrettyString() : plain(text.get().stripTrailing()));
    }
}
