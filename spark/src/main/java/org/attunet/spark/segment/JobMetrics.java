package org.attunet.spark.segment;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/** A job's counts as accumulators, which Spark's web page shows; they include what lost tasks did. */
final class JobMetrics implements Serializable {
    private final LongAccumulator done;
    private final LongAccumulator skipped;
    private final LongAccumulator failed;
    private final LongAccumulator bytes;
    private final DoubleAccumulator seconds;

    JobMetrics(SparkContext context) {
        done = context.longAccumulator("cases done");
        skipped = context.longAccumulator("cases skipped");
        failed = context.longAccumulator("cases failed");
        bytes = context.longAccumulator("bytes of scans");
        seconds = context.doubleAccumulator("seconds of segmentation");
    }

    void count(CaseRow row) {
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

    /** Whether the accumulator with an id counts finished cases. */
    boolean countsCases(long id) {
        return id == done.id() || id == skipped.id() || id == failed.id();
    }
}
