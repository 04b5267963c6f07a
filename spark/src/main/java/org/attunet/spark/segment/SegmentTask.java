package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.attunet.spark.job.SerializedValue;
import org.attunet.spark.storage.Storage;

/** What a task does with its share of the scans: a row for each, by a {@link ScanWork}. Shares and rows come packed. */
final class SegmentTask implements FlatMapFunction<Iterator<byte[]>, byte[]> {
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
    public Iterator<byte[]> call(Iterator<byte[]> shares) {
        TaskContext task = TaskContext.get();
        try (var work = new ScanWork(storage, output, recipeName, job, this::openModel)) {
            List<byte[]> results = new ArrayList<>();
            while (shares.hasNext()) {
                List<CaseRow> rows = new ArrayList<>();
                for (ScanFiles scan : new SerializedValue<List<ScanFiles>>(shares.next()).value()) {
                    if (task.isInterrupted()) { // Spark itself asks between shares only
                        throw new TaskKilledException("cancelled, or another attempt was faster");
                    }
                    CaseRow row = work.row(scan);
                    metrics.count(row, scan);
                    rows.add(row);
                }
                results.add(SerializedValue.squeezed(rows).bytes());
            }
            return results.iterator();
        }
    }

    private SharedModel openModel() {
        return SharedModel.acquire(
                recipeName,
                () -> new SerializedValue<ModelSpec>(recipe.value()).value().open(storage));
    }
}
