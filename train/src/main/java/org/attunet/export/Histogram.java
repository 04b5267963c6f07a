package org.attunet.export;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A histogram of a tensor's values in fixed memory, with the exact smallest and largest value. Zeros are not counted in a
 * bin.
 *
 * <p>The bins are equally wide and symmetric around 0. A value outside doubles their width, merging neighbours, so that the
 * result doesn't depend on the order of the values. Not thread-safe.
 */
final class Histogram {
    /** The number of bins. */
    static final int BINS = 8192;

    private static final double NARROWEST = 0x1p-40;

    private final long[] counts = new long[BINS];
    private double limit = NARROWEST; // the bins cover -limit to limit
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;

    /**
     * Counts values.
     *
     * @throws IllegalArgumentException if one is infinite or NaN; none is counted then
     */
    void add(FloatBuffer values) {
        if (!values.hasRemaining()) {
            return;
        }
        float smallest = Float.POSITIVE_INFINITY;
        float largest = Float.NEGATIVE_INFINITY;
        int end = values.limit();
        for (int i = values.position(); i < end; i++) {
            float value = values.get(i);
            if (!(Math.abs(value) <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("value " + value);
            }
            smallest = Math.min(smallest, value);
            largest = Math.max(largest, value);
        }
        low = Math.min(low, smallest);
        high = Math.max(high, largest);
        while (Math.max(-(double) smallest, largest) >= limit) {
            widen();
        }
        double binsPerUnit = BINS / 2 / limit;
        for (int i = values.position(); i < end; i++) {
            float value = values.get(i);
            if (value != 0) {
                counts[(int) ((value + limit) * binsPerUnit)]++;
            }
        }
    }

    private void widen() {
        limit *= 2;
        long[] old = counts.clone();
        Arrays.fill(counts, 0);
        for (int bin = 0; bin < BINS; bin++) {
            counts[BINS / 4 + bin / 2] += old[bin];
        }
    }

    /** The range from the smallest to the largest value, widened to 0; 0 to 0 if none was counted. */
    ValueRange extremes() {
        return low > high ? new ValueRange(0, 0) : new ValueRange(low, high);
    }

    /** The number of values other than 0 in a bin. */
    long count(int bin) {
        return counts[bin];
    }

    /** The centre of a bin. */
    double centre(int bin) {
        return (bin - BINS / 2 + 0.5) * width();
    }

    /** The width of a bin. */
    double width() {
        return 2 * limit / BINS;
    }
}
