package org.attunet.patches;

import org.attunet.error.ConfigException;

/**
 * The part of each batch that one of several training processes prepares, as a range of places in the batch.
 *
 * @param from the first place, from 0
 * @param to the place after the last
 */
public record BatchShare(int from, int to) {
    /** Checks that the range is not empty. */
    public BatchShare {
        if (from < 0 || to <= from) {
            throw new ConfigException("slots", from + " to " + to, "one patch or more");
        }
    }

    /** The whole batch. */
    public static BatchShare all(int batch) {
        return new BatchShare(0, batch);
    }

    /**
     * The share of one process; sizes differ by one at most.
     *
     * @param number of the process, from 0
     * @param count of processes, at most the batch
     */
    public static BatchShare of(int batch, int number, int count) {
        return new BatchShare((int) ((long) batch * number / count), (int) ((long) batch * (number + 1) / count));
    }

    /** The number of patches. */
    public int size() {
        return to - from;
    }
}
