package org.attunet.export;

/**
 * One block of voxels as a network gets it, prepared and padded.
 *
 * @param values (1, channels, [z,] y, x), only read
 * @param size in grid order (x, y[, z]), each a multiple of the network's
 */
@SuppressWarnings("ArrayRecordComponent")
public record CalibrationInput(float[] values, int... size) {}
