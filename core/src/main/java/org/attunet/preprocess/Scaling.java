package org.attunet.preprocess;

import org.attunet.image.VoxelLoop;

/**
 * A linear map of intensities: clipped to low..high, then times scale plus offset.
 *
 * @param low the lower limit, in the image's own units; minus infinity for none
 * @param high the upper limit, in the image's own units; infinity for none
 * @param scale not 0
 * @param offset added last
 */
public record Scaling(double low, double high, double scale, double offset) {
    /** A map without limits. */
    static Scaling of(double scale, double offset) {
        return new Scaling(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, scale, offset);
    }

    /** Clips to low..high, then subtracts the centre and divides by the width, or by 1 if the width is 0. */
    static Scaling standardising(double low, double high, double centre, double width) {
        double divisor = width > 0 ? width : 1;
        return new Scaling(low, high, 1 / divisor, -centre / divisor);
    }

    /** Like {@link #standardising(double, double, double, double)} without limits. */
    static Scaling standardising(double centre, double width) {
        return standardising(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, centre, width);
    }

    /** This map followed by another: a clip of mapped values is a clip of the values before. */
    Scaling then(Scaling next) {
        double a = (next.low - offset) / scale;
        double b = (next.high - offset) / scale;
        double least = Math.min(a, b);
        double most = Math.max(a, b);
        return new Scaling(
                Math.max(least, Math.min(most, low)),
                Math.max(least, Math.min(most, high)),
                scale * next.scale,
                offset * next.scale + next.offset);
    }

    /** The mapped values, in a new array. */
    float[] apply(float[] values) {
        float[] out = new float[values.length];
        if (low == Double.NEGATIVE_INFINITY && high == Double.POSITIVE_INFINITY) { // several times as fast
            VoxelLoop.parallel(out.length, (from, to) -> {
                for (int i = from; i < to; i++) {
                    out[i] = (float) (values[i] * scale + offset);
                }
            });
            return out;
        }
        VoxelLoop.parallel(out.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                out[i] = (float) (Math.max(low, Math.min(high, values[i])) * scale + offset);
            }
        });
        return out;
    }
}
