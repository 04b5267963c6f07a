package org.attunet.spark.evaluate;

import java.io.Serializable;
import org.attunet.spark.segment.ScanFiles;
import org.jspecify.annotations.Nullable;

/**
 * A scan with its true mask.
 *
 * @param scan the image's files; its size includes the masks
 * @param mask the true mask's full address
 * @param prediction the full address of the mask to measure; null to let the model predict
 */
record TruthCase(ScanFiles scan, String mask, @Nullable String prediction) implements Serializable {}
