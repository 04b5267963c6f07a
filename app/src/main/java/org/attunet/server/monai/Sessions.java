package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.attunet.io.WholeFile;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.WorkFolder;

/**
 * Images that clients work on without giving them to the data store, each for a while after it was last used. They lie on
 * disk and end with the process. Thread-safe.
 */
final class Sessions implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Path root;
    private final int most;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Set<Path> uploads = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService broom = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread thread = new Thread(run, "sessions-expiry");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * One image.
     *
     * @param id 32 hexadecimal digits that nobody can guess
     * @param image its file
     * @param name what the client calls it, without suffix
     * @param expiry how long it stays after its last use
     */
    record Session(String id, Path image, String name, Instant created, Instant used, Duration expiry) {
        boolean expired(Instant now) {
            return used.plus(expiry).isBefore(now);
        }

        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("name", id).put("image", name).putObject("meta");
            return json.put("create_ts", created.getEpochSecond())
                    .put("last_access_ts", used.getEpochSecond())
                    .put("expiry", expiry.toSeconds());
        }
    }

    /** Makes the folder anew: nobody knows the ids of what a process before has left in it. */
    Sessions(Path root, int most) {
        this.root = root;
        this.most = most;
        WorkFolder.delete(root);
        WholeFile.makeFolder(root);
        var unused = broom.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.MINUTES); // a sweep throws nothing
    }

    /** A folder for an upload, whose name is to be the session's id; it ends with {@link #open} or {@link #discard}. */
    synchronized Path folder() {
        if (sessions.size() + uploads.size() >= most) {
            throw new HttpFailure(429, most + " sessions are open; expected fewer, try again when some have ended");
        }
        Path folder = WholeFile.makeFolder(root.resolve(WorkFolder.randomName()));
        uploads.add(folder);
        return folder;
    }

    /** Ends an upload of which no session came. */
    void discard(Path folder) {
        uploads.remove(folder);
        WorkFolder.delete(folder);
    }

    /**
     * Opens a session.
     *
     * @param image a file in a {@link #folder}
     * @param seconds that it stays after its last use, an hour at most; 0 for that
     */
    Session open(Path image, String name, int seconds) {
        Path folder = image.resolveSibling("");
        String id = String.valueOf(folder.getFileName());
        Duration expiry = seconds == 0 || seconds > LONGEST.toSeconds() ? LONGEST : Duration.ofSeconds(seconds);
        var session = new Session(id, image, name, Instant.now(), Instant.now(), expiry);
        sessions.put(id, session);
        uploads.remove(folder);
        return session;
    }

    /** The session of an id, used now if so said. */
    Optional<Session> find(String id, boolean use) {
        sweep();
        return Optional.ofNullable(sessions.computeIfPresent(
                id,
                (key, s) ->
                        use ? new Session(s.id(), s.image(), s.name(), s.created(), Instant.now(), s.expiry()) : s));
    }

    /** The session of an id, or 404. */
    Session get(String id, boolean use) {
        return find(id, use)
                .orElseThrow(() -> HttpFailure.notFound("session of that id", "it may have expired; open a new one"));
    }

    /** Ends a session and deletes its image. */
    void remove(String id) {
        Session session = sessions.remove(id);
        if (session != null) {
            WorkFolder.delete(session.image().resolveSibling(""));
        }
    }

    private void sweep() {
        Instant now = Instant.now();
        sessions.values().stream()
                .filter(session -> session.expired(now))
                .map(Session::id)
                .toList()
                .forEach(this::remove);
    }

    @Override
    public void close() {
        broom.shutdownNow();
        WorkFolder.delete(root);
    }
}
