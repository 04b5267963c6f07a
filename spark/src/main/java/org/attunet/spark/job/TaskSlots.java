package org.attunet.spark.job;

import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;

/** How many tasks of a job run at the same time. */
public final class TaskSlots {
    private TaskSlots() {}

    /** The tasks that the cores known now can run side by side, 1 or more. */
    public static int of(SparkContext context) {
        int cores = context.defaultParallelism();
        return Math.max(1, cores / Math.max(1, context.conf().getInt("spark.task.cpus", 1)));
    }

    /** The cores that a task of this process has, 1 or more. */
    public static int coresOfTask() {
        return Math.max(1, SparkEnv.get().conf().getInt("spark.task.cpus", 1));
    }

    /** The tasks that may run in this process at the same time, 1 or more. */
    public static int inThisProcess() {
        int processors = Runtime.getRuntime().availableProcessors();
        return Math.max(1, SparkEnv.get().conf().getInt("spark.executor.cores", processors) / coresOfTask());
    }
}
