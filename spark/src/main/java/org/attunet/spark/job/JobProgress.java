package org.attunet.spark.job;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.collection.Iterable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reports a job's progress from accumulators, at the end of each task and at each heartbeat of the executors. The count never
 * goes back: what a failed task did is reported at most once.
 */
public final class JobProgress extends SparkListener implements AutoCloseable {
    private final SparkContext context;
    private final LongPredicate counters;
    private final long total;
    private final Progress progress;
    private final Map<Long, Long> running = new HashMap<>(); // task id to count; used by Spark's listener thread only
    private long ended;
    private long reported;

    private JobProgress(SparkContext context, LongPredicate counters, long total, Progress progress) {
        this.context = context;
        this.counters = counters;
        this.total = total;
        this.progress = progress;
    }

    /**
     * Reports until closed.
     *
     * @param counters whether the accumulator with an id counts what is done
     * @param total the most that is reported
     */
    public static JobProgress watch(SparkContext context, LongPredicate counters, long total, Progress progress) {
        var watch = new JobProgress(context, counters, total, progress);
        context.addSparkListener(watch);
        return watch;
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        running.put(start.taskInfo().taskId(), 0L);
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        // A heartbeat may arrive after the end of its task.
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> running.computeIfPresent((Long) task._1(), (id, before) -> count(task._4())));
        report();
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
        if (end.taskInfo().successful()) {
            ended += count(end.taskInfo().accumulables());
        }
        report();
    }

    private long count(Iterable<AccumulableInfo> updates) {
        long sum = 0;
        for (AccumulableInfo info : CollectionConverters.asJava(updates)) {
            if (counters.test(info.id())
                    && info.update().isDefined()
                    && info.update().get() instanceof Number number) {
                sum += number.longValue();
            }
        }
        return sum;
    }

    private void report() {
        long now = ended + running.values().stream().mapToLong(Long::longValue).sum();
        if (now > reported) {
            reported = now;
            progress.at(Math.min(now, total), total);
        }
    }

    @Override
    public void close() {
        context.removeSparkListener(this);
    }
}
