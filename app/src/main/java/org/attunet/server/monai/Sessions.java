package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.attunet.io.Json;
import org.attunet.io.WholeFile;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;

/**
 * Images that clients work on without adding them to the data store, each kept for a while after its last use. They are on
 * disk and end with the process. Thread-safe.
 */
final class Sessions implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Path root;
    private final int most;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Set<Path> uploads = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(WorkQueue.daemonThreads("sessions-expiry"));

    /**
     * One image.
     *
     * @param id 32 random hexadecimal digits
     * @param image its file
     * @param name what the client calls it, without suffix
     * @param expiry how long it is kept after its last use
     */
    record Session(String id, Path image, String name, Instant created, Instant used, Duration expiry) {
        private Session usedNow() {
            return new Session(id, image, name, created, Instant.now(), expiry);
        }

        ObjectNode json() {
            ObjectNode json = Json.object().put("name", id).put("image", name);
            json.putObject("meta");
            return json.put("create_ts", created.getEpochSecond())
                    .put("last_access_ts", used.getEpochSecond())
                    .put("expiry", expiry.toSeconds());
        }
    }

    /**
     * Creates an empty folder, without what an earlier process left in it: nobody knows those ids.
     *
     * @param most open sessions
     */
    Sessions(Path root, int most) {
        this.root = root;
        this.most = most;
        WorkFolder.delete(root);
        WholeFile.makeFolder(root);
        var unused = timer.scheduleWithFixedDelay(this::expire, 1, 1, TimeUnit.MINUTES); // expire never throws
    }

    /** Creates a folder for an upload, named after the future session; {@link #open} or {@link #discard} ends it. */
    synchronized Path newFolder() {
        if (sessions.size() + uploads.size() >= most) {
            throw new HttpFailure(429, most + " sessions are open; expected fewer, try again when some have ended");
        }
        Path folder = WholeFile.makeFolder(root.resolve(WorkFolder.randomName()));
        uploads.add(folder);
        return folder;
    }

    void discard(Path folder) {
        uploads.remove(folder);
        WorkFolder.delete(folder);
    }

    /**
     * Opens a session.
     *
     * @param image a file in a {@link #newFolder}
     * @param seconds to keep it after its last use, an hour at most; 0 for an hour
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

    /**
     * Returns a session, or throws 404.
     *
     * @param use whether this counts as a use
     */
    Session get(String id, boolean use) {
        expire();
        Session session = sessions.computeIfPresent(id, (key, found) -> use ? found.usedNow() : found);
        if (session == null) {
            throw HttpFailure.notFound("session of that id", "it may have expired; open a new one");
        }
        return session;
    }

    /** Ends a session and deletes its image. */
    void remove(String id) {
        Session session = sessions.remove(id);
        if (session != null) {
            WorkFolder.delete(session.image().resolveSibling(""));
        }
    }

    private void expire() {
        sessions.values().stream()
                .filter(session -> session.used().plus(session.expiry()).isBefore(Instant.now()))
                .map(Session::id)
                .forEach(this::remove);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        WorkFolder.delete(root);
    }
}
