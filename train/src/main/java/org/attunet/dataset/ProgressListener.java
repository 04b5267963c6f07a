package org.attunet.dataset;

/** Receives the progress of a longer piece of work; called by one thread at a time, not always the same one. */
@FunctionalInterface
public interface ProgressListener {
    /** Ignores the progress. */
    ProgressListener NONE = (done, total) -> {};

    /**
     * Reports one more finished unit.
     *
     * @param done units finished, 1 to {@code total}
     * @param total all units
     */
    void at(int done, int total);
}
