package org.attunet.server.work;

/** The queue is full, or the server is stopping: nothing was taken in. */
public final class BusyException extends RuntimeException {
    private final boolean stopping;
    private final int retryAfterSeconds;

    BusyException(String message, boolean stopping, int retryAfterSeconds) {
        super(message);
        this.stopping = stopping;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** Whether the server is about to end. */
    public boolean stopping() {
        return stopping;
    }

    /** When there may be room again, in seconds, 1 or more. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
