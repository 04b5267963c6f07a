package org.attunet.spark.job;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
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
 * How far a job is, by accumulators that count what is done: at each task's end, and in between at each heartbeat of the
 * executors. Where a task fails, what it did is told no more than once: the count never goes back.
 */
public final class JobProgress extends SparkListener implements AutoCloseable {
    private final SparkContext context;
    private final LongPredicate counts;
    private final LongConsumer heard;
    private final Map<Long, Long> running = new HashMap<>(); // only Spark's one thread for listeners is here
    private long ended;
    private long told;

    private JobProgress(SparkContext context, LongPredicate counts, LongConsumer heard) {
        this.context = context;
        this.counts = counts;
        this.heard = heard;
    }

    /**
     * Listens until closed.
     *
     * @param counts whether the accumulator of an id counts what is done
     * @param heard is told how much is done, on a thread of Spark's
     */
    public static JobProgress watch(SparkContext context, LongPredicate counts, LongConsumer heard) {
        var progress = new JobProgress(context, counts, heard);
        context.addSparkListener(progress);
        return progress;
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        running.put(start.taskInfo().taskId(), 0L);
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        // A heartbeat may come after the end of a task that it tells of.
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> running.computeIfPresent((Long) task._1(), (id, before) -> counted(task._4())));
        tell();
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
        if (end.taskInfo().successful()) {
            ended += counted(end.taskInfo().accumulables());
        }
        tell();
    }

    private long counted(Iterable<AccumulableInfo> updates) {
        long sum = 0;
        for (AccumulableInfo info : CollectionConverters.asJava(updates)) {
            if (counts.test(info.id())
                    && info.update().isDefined()
                    && info.update().get() instanceof Number number) {
                sum += number.longValue();
            }
        }
        return sum;
    }

    private void tell() {
        long now = ended + running.values().stream().mapToLong(Long::longValue).sum();
        if (now > told) {
            told = now;
            heard.accept(now);
        }
    }

    @Override
    public void close() {
        context.removeSparkListener(this);
    }
}
