package org.attunet.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.attunet.io.Json;

/**
 * The server's log: one JSON object per line, with {@code time}, {@code level} and {@code message} first.
 *
 * <p>Of the data that clients send, only validated request ids are logged: no file names, paths, parameters or headers. The
 * last lines are kept in memory for {@code GET /logs/}. Thread-safe.
 */
public final class ServerLog {
    private static final int KEPT = 1000;

    private final PrintStream out;
    private final Deque<String> last = new ArrayDeque<>();

    /** Creates a log that writes to a stream. */
    public ServerLog(PrintStream out) {
        this.out = out;
    }

    /** Logs an event. */
    public void info(String message) {
        write(line("info", message));
    }

    void error(String message) {
        write(line("error", message));
    }

    /** Returns the start of a line, to be completed and passed to {@link #write}. */
    ObjectNode line(String level, String message) {
        return Json.object()
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

    /** Returns the last lines, the oldest first. */
    public synchronized List<String> last(int most) {
        List<String> lines = new ArrayList<>(last);
        return lines.subList(Math.max(0, lines.size() - Math.max(0, most)), lines.size());
    }
}
