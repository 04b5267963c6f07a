package org.attunet.spark.evaluate;

import java.io.Serializable;
import org.attunet.spark.segment.ScanFiles;
import org.jspecify.annotations.Nullable;

/**
 * One scan and what is true about it.
 *
 * @param scan the image's files; its bytes count the masks too
 * @param mask the full address of the true mask
 * @param prediction the full address of the mask to measure; null where the model makes it
 */
record TruthCase(ScanFiles scan, String mask, @Nullable String prediction) implements Serializable {}
