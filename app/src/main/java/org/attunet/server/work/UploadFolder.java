package org.attunet.server.work;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request's own folder on disk, which goes when the last of those who work in it is finished: the request, and what
 * computes for it, which may go on for a while after the client was told that it took too long. Thread-safe.
 */
public final class UploadFolder implements AutoCloseable {
    private final Path folder;
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile boolean kept;

    UploadFolder(Path folder) {
        this.folder = folder;
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** One more works in the folder, until it calls {@link #close} in its turn. */
    public UploadFolder hold() {
        holders.incrementAndGet();
        return this;
    }

    /** The folder has become something else's, and stays. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (holders.decrementAndGet() == 0 && !kept) {
            WorkFolder.delete(folder);
        }
    }
}
