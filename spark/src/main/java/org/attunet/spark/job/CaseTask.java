package org.attunet.spark.job;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * A function from cases to results, applied by tasks to partitions of the cases. Cases and results travel as {@link
 * SerializedValue}s.
 *
 * @param <C> a case, serializable
 * @param <R> its result, serializable
 */
public abstract class CaseTask<C, R> implements FlatMapFunction<Iterator<byte[]>, byte[]> {
    /** The function within one task, with what it keeps open for the task's cases. */
    public interface Worker<C, R> extends Function<C, R>, AutoCloseable {
        @Override
        void close();
    }

    /** Opens the worker of one task, on its executor. */
    protected abstract Worker<C, R> open();

    /** Counts a finished case with accumulators. */
    protected abstract void count(R result);

    /** Whether the accumulator with an id counts finished cases. */
    protected abstract boolean countsCases(long id);

    @Override
    public final Iterator<byte[]> call(Iterator<byte[]> partitions) {
        List<byte[]> results = new ArrayList<>();
        try (Worker<C, R> worker = open()) {
            while (partitions.hasNext()) {
                List<R> rows = new ArrayList<>();
                for (C one : new SerializedValue<List<C>>(partitions.next()).value()) {
                    if (TaskContext.get().isInterrupted()) { // Spark itself checks between partitions only
                        throw new TaskKilledException("cancelled, or another attempt was faster");
                    }
                    R result = worker.apply(one);
                    count(result);
                    rows.add(result);
                }
                results.add(SerializedValue.compressed(rows).bytes());
            }
        }
        return results.iterator();
    }

    /** Runs on Spark and returns each partition's results, serialized, so that the driver can hold those of millions of cases. */
    public final List<byte[]> run(SparkContext context, List<List<C>> partitions, Progress progress) {
        List<byte[]> sent = partitions.stream()
                .map(partition -> SerializedValue.of(new ArrayList<>(partition)).bytes())
                .toList();
        long total = partitions.stream().mapToLong(List::size).sum();
        try (var watched = JobProgress.watch(context, this::countsCases, total, progress)) {
            return JavaSparkContext.fromSparkContext(context)
                    .parallelize(sent, sent.size())
                    .mapPartitions(this)
                    .collect();
        }
    }

    /** Deserializes the results of {@link #run}, one partition at a time. */
    public static <R> Stream<R> results(List<byte[]> partitions) {
        return partitions.stream().flatMap(partition -> new SerializedValue<List<R>>(partition).value().stream());
    }
}
