package org.attunet.server.work;

/** The queue is full, or the server is stopping: nothing was taken in. */
public final class BusyException extends RuntimeException {
    private final boolean stopping;
    private final int retryAfterSeconds;

    /**
     * @param message what is full, without an end
     * @param stopping whether the server is about to end
     * @param retryAfterSeconds when there may be room again, 1 or more
     */
    public BusyException(String message, boolean stopping, int retryAfterSeconds) {
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
