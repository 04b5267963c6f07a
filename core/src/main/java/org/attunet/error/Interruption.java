package org.attunet.error;

import java.util.concurrent.CancellationException;

/** The end of long work whose result nobody wants any more, asked for by {@link Thread#interrupt}. */
public final class Interruption {
    private Interruption() {}

    /**
     * Throws if the current thread is interrupted, and leaves it interrupted; loops that follow a number from a file call
     * this.
     *
     * @throws CancellationException if it is
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("nobody waits for the result");
        }
    }
}
