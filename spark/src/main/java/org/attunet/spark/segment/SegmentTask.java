package org.attunet.spark.segment;

import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import org.attunet.spark.job.Packed;
import org.attunet.spark.storage.Storage;

/** What a task does with its share of the scans: a row for each, by a {@link ScanWork} that ends with the task. */
final class SegmentTask implements FlatMapFunction<Iterator<byte[]>, Row> {
    private final Storage storage;
    private final Broadcast<byte[]> recipe;
    private final String recipeName;
    private final OutputFolder output;
    private final String job;
    private final JobMetrics metrics;

    /**
     * @param recipe packed
     * @param recipeName its name, for which it need not be unpacked
     * @param job the job's own name
     */
    SegmentTask(
            Storage storage,
            Broadcast<byte[]> recipe,
            String recipeName,
            OutputFolder output,
            String job,
            JobMetrics metrics) {
        this.storage = storage;
        this.recipe = recipe;
        this.recipeName = recipeName;
        this.output = output;
        this.job = job;
        this.metrics = metrics;
    }

    @Override
    public Iterator<Row> call(Iterator<byte[]> shares) {
        var work = new ScanWork(storage, output, recipeName, job, this::openModel);
        TaskContext task = TaskContext.get();
        task.addTaskCompletionListener((TaskCompletionListener) context -> work.close());
        Iterable<byte[]> each = () -> shares;
        return StreamSupport.stream(each.spliterator(), false)
                .flatMap(share -> scans(share).stream())
                .map(scan -> {
                    if (task.isInterrupted()) { // Spark itself asks between shares only
                        throw new TaskKilledException("cancelled, or another attempt was faster");
                    }
                    CaseRow row = work.row(scan);
                    metrics.count(row, scan);
                    return row.row();
                })
                .iterator();
    }

    private static List<Scan> scans(byte[] share) {
        return new Packed<List<Scan>>(share).value();
    }

    private SharedModel openModel() {
        return SharedModel.acquire(
                recipeName, () -> new Packed<Recipe>(recipe.value()).value().open(storage));
    }
}
