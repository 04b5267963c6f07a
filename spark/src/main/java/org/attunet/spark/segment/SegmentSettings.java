package org.attunet.spark.segment;

import java.io.Serializable;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.predict.SegmenterOptions;
import org.jspecify.annotations.Nullable;

/**
 * How a job segments.
 *
 * @param options of each image; a memory of 0 stands for this task's share of half of what its machine has free
 * @param precision which of a bundle's models is taken
 * @param keepLargest what is cut down to its largest component; null for the bundle's own choice
 * @param threads of one operation; 0 for as many as a task has cores
 */
public record SegmentSettings(
        SegmenterOptions options,
        Precision precision,
        @Nullable KeepLargest keepLargest,
        int threads) implements Serializable {

    /** Labels alone, in 32-bit floating point, by the bundle's own choices. */
    public static SegmentSettings defaults() {
        return new SegmentSettings(SegmenterOptions.defaults(), Precision.FP32, null, 0);
    }
}
