package org.attunet.server.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The server's log: one JSON object a line, with {@code time}, {@code level} and {@code message} first.
 *
 * <p>Nothing that a client sent is written to it but a request id of harmless letters: no file name, no address with its
 * parameters, no header. The last lines are kept for {@code GET /logs/}. Thread-safe.
 */
public final class ServerLog {
    private static final int KEPT = 1000;

    private final PrintStream out;
    private final Deque<String> last = new ArrayDeque<>();

    /** A log that writes to a stream. */
    public ServerLog(PrintStream out) {
        this.out = out;
    }

    /** Says that something happened. */
    public void info(String message) {
        write(line("info", message));
    }

    /** Says that something is wrong. */
    public void error(String message) {
        write(line("error", message));
    }

    /** The beginning of a line, to be completed and {@link #write written}. */
    ObjectNode line(String level, String message) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("time", Instant.now().toString())
                .put("level", level)
                .put("message", message);
    }

    synchronized void write(ObjectNode line) {
        String text = line.toString();
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.addLast(text);
        out.println(text);
    }

    /** The last lines, the oldest first, at most so many. */
    public synchronized List<String> last(int most) {
        List<String> lines = new ArrayList<>(last);
        return lines.subList(Math.max(0, lines.size() - Math.max(0, most)), lines.size());
    }
}
