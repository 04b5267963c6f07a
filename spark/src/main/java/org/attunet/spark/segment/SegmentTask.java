package org.attunet.spark.segment;

import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.attunet.spark.job.CaseTask;
import org.attunet.spark.storage.Storage;

/** Segments the scans of a partition: a row for each. Spark's web page shows the counts, which include what lost tasks did. */
final class SegmentTask extends CaseTask<ScanFiles, CaseRow> {
    private final Storage storage;
    private final ModelSpec.Sent model;
    private final JobOutput output;
    private final String job;
    private final LongAccumulator done;
    private final LongAccumulator skipped;
    private final LongAccumulator failed;
    private final LongAccumulator bytes;
    private final DoubleAccumulator seconds;

    SegmentTask(SparkContext context, Storage storage, ModelSpec.Sent model, JobOutput output, String job) {
        this.storage = storage;
        this.model = model;
        this.output = output;
        this.job = job;
        done = context.longAccumulator("cases done");
        skipped = context.longAccumulator("cases skipped");
        failed = context.longAccumulator("cases failed");
        bytes = context.longAccumulator("bytes of scans");
        seconds = context.doubleAccumulator("seconds of segmentation");
    }

    @Override
    protected Worker<ScanFiles, CaseRow> open() {
        return new ScanWorker(
                storage, output, model.sha256(), job, model.pixelSize(), model.objects(), () -> model.acquire(storage));
    }

    @Override
    protected void count(CaseRow row) {
        bytes.add(row.scan().bytes());
        switch (row.status()) {
            case DONE -> {
                done.add(1);
                seconds.add(row.done() == null ? 0 : row.done().seconds());
            }
            case SKIPPED -> skipped.add(1);
            case FAILED -> failed.add(1);
        }
    }

    @Override
    protected boolean countsCases(long id) {
        return Set.of(done.id(), skipped.id(), failed.id()).contains(id);
    }
}
