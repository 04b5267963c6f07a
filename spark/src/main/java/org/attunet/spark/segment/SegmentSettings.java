package org.attunet.spark.segment;

import java.io.Serializable;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.io.PixelSize;
import org.attunet.predict.SegmenterOptions;
import org.jspecify.annotations.Nullable;

/**
 * How a job segments.
 *
 * @param options for each image; memory 0 means the task's share of half of the machine's free memory
 * @param precision which of a bundle's models is used
 * @param keepLargest labels of which only the largest component is kept; null for the bundle's own choice
 * @param threads of one operation; 0 means the cores of a task
 * @param pixelSize of images whose files have none; null if unknown
 * @param objects whether objects are looked for even by a model that has learnt masks alone
 */
public record SegmentSettings(
        SegmenterOptions options,
        Precision precision,
        @Nullable KeepLargest keepLargest,
        int threads,
        @Nullable PixelSize pixelSize,
        boolean objects)
        implements Serializable {
    /** Returns a copy that looks for objects, or leaves that to the model. */
    public SegmentSettings withObjects(boolean other) {
        return new SegmentSettings(options, precision, keepLargest, threads, pixelSize, other);
    }

    /** Labels only, in float32, with the bundle's own choices. */
    public static SegmentSettings defaults() {
        return new SegmentSettings(SegmenterOptions.defaults(), Precision.FP32, null, 0, null, false);
    }
}
