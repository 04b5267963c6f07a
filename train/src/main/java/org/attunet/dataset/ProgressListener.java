package org.attunet.dataset;

/** Hears how far a longer piece of work has come; called by one thread at a time, though not always the same one. */
@FunctionalInterface
public interface ProgressListener {
    /** Nobody listens. */
    ProgressListener NONE = (done, total) -> {};

    /**
     * One more unit is done.
     *
     * @param done units finished, 1 to {@code total}
     * @param total all units
     */
    void at(int done, int total);
}
