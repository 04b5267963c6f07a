package org.attunet.spark.segment;

import org.attunet.spark.job.CaseTask;
import org.attunet.spark.storage.Storage;

/** Segments the scans of a partition: a row for each. */
final class SegmentTask extends CaseTask<ScanFiles, CaseRow> {
    private final Storage storage;
    private final ModelSpec.Sent model;
    private final OutputFolder output;
    private final String job;
    private final JobMetrics metrics;

    SegmentTask(Storage storage, ModelSpec.Sent model, OutputFolder output, String job, JobMetrics metrics) {
        this.storage = storage;
        this.model = model;
        this.output = output;
        this.job = job;
        this.metrics = metrics;
    }

    @Override
    protected Worker<ScanFiles, CaseRow> open() {
        return new ScanWorker(storage, output, model.sha256(), job, () -> model.acquire(storage));
    }

    @Override
    protected void count(CaseRow row) {
        metrics.count(row);
    }
}
