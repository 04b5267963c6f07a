package org.attunet.spark.job;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;

/** How many tasks run at the same time, and on how many cores. All numbers are 1 or more. */
public final class TaskSlots {
    private TaskSlots() {}

    /** Returns how many tasks run at the same time on the cores known now. */
    public static int of(SparkContext context) {
        return Math.max(1, context.defaultParallelism() / coresOfTask(context.conf()));
    }

    /** Returns the cores of each task. */
    public static int coresOfTask(SparkConf conf) {
        return Math.max(1, conf.getInt("spark.task.cpus", 1));
    }

    /** Returns the cores of a task in this process. */
    public static int coresOfTask() {
        return coresOfTask(SparkEnv.get().conf());
    }

    /** Returns how many tasks may run in this process at the same time. */
    public static int inThisProcess() {
        int processors = Runtime.getRuntime().availableProcessors();
        return Math.max(1, SparkEnv.get().conf().getInt("spark.executor.cores", processors) / coresOfTask());
    }
}
