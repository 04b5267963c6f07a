package org.attunet.server.work;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request's own folder on disk, deleted when its last holder closes it. The request is the first holder; the prediction
 * for it is another one, since it may go on for a while after the request has timed out. Thread-safe.
 */
public final class UploadFolder implements AutoCloseable {
    private final Path path;
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile boolean moved;

    UploadFolder(Path path) {
        this.path = path;
    }

    /** Returns the folder. */
    public Path path() {
        return path;
    }

    /** Adds a holder, which calls {@link #close} in its turn; returns this. */
    public UploadFolder hold() {
        holders.incrementAndGet();
        return this;
    }

    /** Notes that the folder was moved elsewhere, so that nothing is deleted. */
    void moved() {
        moved = true;
    }

    @Override
    public void close() {
        if (holders.decrementAndGet() == 0 && !moved) {
            WorkFolder.delete(path);
        }
    }
}
