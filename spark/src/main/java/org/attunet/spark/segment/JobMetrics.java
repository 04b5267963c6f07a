package org.attunet.spark.segment;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/** A job's counts as Spark's accumulators, to be seen in its web page. What a task did before it was lost counts too. */
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

    void count(CaseRow row, ScanFiles scan) {
        bytes.add(scan.bytes());
        switch (row.status()) {
            case DONE -> {
                done.add(1);
                seconds.add(row.seconds() == null ? 0 : row.seconds());
            }
            case SKIPPED -> skipped.add(1);
            case FAILED -> failed.add(1);
        }
    }

    /** Whether an accumulator counts cases, each once. */
    boolean countsCases(long id) {
        return id == done.id() || id == skipped.id() || id == failed.id();
    }
}
