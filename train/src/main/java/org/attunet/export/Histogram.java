package org.attunet.export;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * How often values of a tensor fall where, counted as they come in memory that doesn't grow.
 *
 * <p>The bins are equally wide and lie symmetrically around 0. A value outside doubles their width, neighbours merging, so
 * that the result doesn't depend on the order in which values come. Zeros, smallest and largest value are kept exactly.
 * Not for use by several threads at once.
 */
public final class Histogram {
    /** The number of bins. */
    static final int BINS = 8192;

    private static final double NARROWEST = 0x1p-40;

    private final long[] counts = new long[BINS];
    private double reach = NARROWEST;
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;
    private long zeros;
    private long total;

    /**
     * Counts a value.
     *
     * @throws IllegalArgumentException where it is infinite or not a number
     */
    public void add(float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("value " + value);
        }
        reachFor(value, value);
        count(value, BINS / 2 / reach);
        total++;
    }

    /**
     * Counts values.
     *
     * @throws IllegalArgumentException where one is infinite or not a number; none is counted then
     */
    public void addAll(FloatBuffer values) {
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
        if (!values.hasRemaining()) {
            return;
        }
        reachFor(smallest, largest);
        double binsPerUnit = BINS / 2 / reach;
        for (int i = values.position(); i < end; i++) {
            count(values.get(i), binsPerUnit);
        }
        total += values.remaining();
    }

    private void reachFor(float smallest, float largest) {
        low = Math.min(low, smallest);
        high = Math.max(high, largest);
        while (Math.max(-(double) smallest, largest) >= reach) {
            widen();
        }
    }

    private void count(float value, double binsPerUnit) {
        if (value == 0) {
            zeros++;
        } else {
            counts[(int) ((value + reach) * binsPerUnit)]++;
        }
    }

    private void widen() {
        reach *= 2;
        long[] old = counts.clone();
        Arrays.fill(counts, 0);
        for (int bin = 0; bin < BINS; bin++) {
            counts[BINS / 4 + bin / 2] += old[bin];
        }
    }

    /** How many values were counted. */
    public long total() {
        return total;
    }

    /** How many of them were exactly 0. */
    long zeros() {
        return zeros;
    }

    /** From the smallest to the largest value, and 0; 0 to 0 where none was counted. */
    public ValueRange extremes() {
        return total == 0 ? new ValueRange(0, 0) : new ValueRange(low, high);
    }

    /** Values other than 0 in a bin. */
    long count(int bin) {
        return counts[bin];
    }

    /** Where a bin begins. */
    double edge(int bin) {
        return (bin - BINS / 2) * width();
    }

    /** How wide a bin is. */
    double width() {
        return 2 * reach / BINS;
    }
}
