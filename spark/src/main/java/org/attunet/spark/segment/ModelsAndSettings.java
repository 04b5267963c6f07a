package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.List;

/**
 * What is broadcast to the executors, once.
 *
 * @param models one, or several that vote
 */
record ModelsAndSettings(List<ModelFiles> models, SegmentSettings settings) implements Serializable {}
