package org.attunet.server.work;

/** A refusal because the queue is full or the server is stopping; nothing was accepted. */
public final class BusyException extends RuntimeException {
    private final boolean stopping;
    private final int retryAfterSeconds;

    /**
     * @param message what is full, without a full stop
     * @param stopping whether the server is stopping
     * @param retryAfterSeconds when there may be room again, 1 or more
     */
    public BusyException(String message, boolean stopping, int retryAfterSeconds) {
        super(message);
        this.stopping = stopping;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    static BusyException stopping() {
        return new BusyException("the server is stopping", true, 1);
    }

    /** Whether the server is stopping. */
    public boolean isStopping() {
        return stopping;
    }

    /** Returns the seconds until there may be room again, 1 or more. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
