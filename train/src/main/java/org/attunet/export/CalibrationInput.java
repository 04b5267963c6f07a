package org.attunet.export;

/**
 * A preprocessed and padded block of voxels that a network computes in calibration.
 *
 * @param values (1, channels, [z,] y, x), only read
 * @param size in grid order (x, y[, z]), each a multiple of the network's
 */
@SuppressWarnings("ArrayRecordComponent")
public record CalibrationInput(float[] values, int... size) {}
