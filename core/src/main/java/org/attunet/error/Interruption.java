package org.attunet.error;

import java.util.concurrent.CancellationException;

/** The end of long work whose result nobody wants any more, asked for by {@link Thread#interrupt}. */
public final class Interruption {
    private Interruption() {}

    /**
     * Throws if the current thread is interrupted, and leaves it interrupted. Loops that follow a number from a file, and
     * those that may take longer than 0.1 s, call this.
     *
     * @throws CancellationException if it is
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw cancellation();
        }
    }

    /**
     * The same at every 2^20th index, for loops over the voxels of an image.
     *
     * @param index the position in the grid's order
     */
    public static void check(int index) {
        if ((index & 0xFFFFF) == 0) {
            check();
        }
    }

    /** {@return the exception of {@link #check}} */
    public static CancellationException cancellation() {
        return new CancellationException("the thread was interrupted");
    }
}
