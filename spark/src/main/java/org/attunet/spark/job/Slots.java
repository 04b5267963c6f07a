package org.attunet.spark.job;

import org.apache.spark.SparkContext;

/** How many tasks of a job run at the same time. */
public final class Slots {
    private Slots() {}

    /** The tasks that the cores known now can run side by side, 1 or more. */
    public static int of(SparkContext context) {
        int cores = context.defaultParallelism();
        return Math.max(1, cores / Math.max(1, context.conf().getInt("spark.task.cpus", 1)));
    }
}
