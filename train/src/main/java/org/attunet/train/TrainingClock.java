package org.attunet.train;

import org.attunet.ranks.ProcessGroup;

/** The time of a training on several ranks, which all follow rank 0's clock. One thread only. */
final class TrainingClock {
    private final ProcessGroup ranks;
    private final double minutesBefore;
    private final long begin = System.nanoTime();
    private double minutes;

    /** @param minutesBefore what earlier processes have spent on the training */
    TrainingClock(ProcessGroup ranks, double minutesBefore) {
        this.ranks = ranks;
        this.minutesBefore = minutesBefore;
        minutes = minutesBefore;
    }

    /** Sets {@link #minutes} on all ranks to rank 0's time, and returns whether any rank is to stop; collective. */
    boolean anyStops(boolean stop) {
        double[] sums = ranks.sum(ranks.first() ? now() : 0, stop ? 1 : 0);
        minutes = sums[0];
        return sums[1] > 0;
    }

    /** The minutes of the whole training, the same on all ranks. */
    double minutes() {
        return minutes;
    }

    /** The minutes of the whole training by this process's own clock. */
    double now() {
        return minutesBefore + seconds() / 60;
    }

    /** The seconds of this process. */
    double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }
}
