package org.attunet.spark.evaluate;

import java.io.Serializable;
import java.util.List;
import org.attunet.spark.segment.ScanFiles;
import org.jspecify.annotations.Nullable;

/**
 * A scan with its true mask.
 *
 * @param scan the image's files; its size includes the masks
 * @param mask the full addresses of the true mask's files, one or several that are joined
 * @param prediction those of the mask to measure; null to let the model predict
 */
record TruthCase(
        ScanFiles scan, List<String> mask, @Nullable List<String> prediction) implements Serializable {}
