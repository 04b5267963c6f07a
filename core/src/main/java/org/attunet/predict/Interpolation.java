package org.attunet.predict;

import org.attunet.error.Interruption;

/**
 * Linear interpolation of a map onto a grid that covers the same box: the outer edges of the first and last voxels
 * coincide, so target voxel i is at {@code (i + 0.5) * from / to - 0.5}, and positions beyond the outermost centres take
 * the outermost value. This is PyTorch's {@code interpolate(mode="linear"…"trilinear", align_corners=False)}.
 */
final class Interpolation {
    private Interpolation() {}

    /**
     * Resamples a map.
     *
     * @param values one map ([z,] y, x)
     * @param from its size (x, y[, z])
     * @param to the target size (x, y[, z])
     */
    static float[] linear(float[] values, int[] from, int[] to) {
        float[] result = values;
        int inner = 1;
        for (int axis = 0; axis < from.length; axis++) {
            if (from[axis] != to[axis]) {
                result = alongAxis(result, inner, from[axis], to[axis]);
            }
            inner *= to[axis];
        }
        return result;
    }

    /** Interpolates along one axis whose neighbours are {@code inner} values apart. */
    private static float[] alongAxis(float[] values, int inner, int from, int to) {
        int outer = values.length / (inner * from);
        float[] result = new float[Math.multiplyExact(outer * inner, to)];
        for (int i = 0; i < to; i++) {
            Interruption.check();
            double position = Math.max(0, (i + 0.5) * from / to - 0.5);
            int low = Math.min((int) position, from - 1);
            int high = Math.min(low + 1, from - 1);
            float share = (float) (position - low);
            for (int o = 0; o < outer; o++) {
                int target = (o * to + i) * inner;
                int first = (o * from + low) * inner;
                int second = (o * from + high) * inner;
                for (int k = 0; k < inner; k++) {
                    float a = values[first + k];
                    result[target + k] = a + share * (values[second + k] - a);
                }
            }
        }
        return result;
    }
}
