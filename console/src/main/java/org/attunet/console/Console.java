package org.attunet.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where a command writes: results on standard output, everything said on the way on standard error.
 *
 * @param out results
 * @param err messages, progress and failures
 * @param json whether results are one JSON document in place of text
 * @param columns the width of the terminal behind {@code err}, 0 where there is none
 */
public record Console(PrintStream out, PrintStream err, boolean json, int columns) {
    /** The property by which the launcher tells the terminal's width; absent where standard error is no terminal. */
    public static final String COLUMNS = "attunet.columns";

    /** Whether somebody watches standard error. */
    public boolean terminal() {
        return columns > 0;
    }

    /** Says something on the way, on standard error. */
    public void message(String text) {
        err.println(text);
    }

    /** Says what was noticed, a line each. */
    public void notes(List<String> notes) {
        notes.forEach(note -> message("note: " + note));
    }

    /** Says what is to be seen to, a line each. */
    public void warnings(List<String> warnings) {
        warnings.forEach(warning -> message("warning: " + warning));
    }

    /** Prints the result of a command, in the form that was asked for. */
    public void result(Supplier<? extends JsonNode> document, Supplier<String> text) {
        out.println(json ? document.get().toPrettyString() : text.get().stripTrailing());
    }
}
