package org.attunet.report;

/**
 * How open an attention gate was inside and outside the target at one validation.
 *
 * @param step the training step
 * @param gate the gate's name
 * @param inside mean coefficient over the voxels of any label, 0 (shut) to 1 (open)
 * @param outside mean coefficient over the background's voxels, 0 to 1
 */
public record AttentionShare(long step, String gate, double inside, double outside) {}
