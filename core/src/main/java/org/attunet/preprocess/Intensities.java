package org.attunet.preprocess;

import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.error.Interruption;

/** Exact statistics of one channel's values, in linear time. */
final class Intensities {
    private Intensities() {}

    /**
     * Replaces NaN and minus infinity by the smallest finite value, infinity by the largest; returns the same array if all
     * values are finite.
     */
    static float[] finite(float[] values) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        boolean clean = true;
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            float v = values[i];
            if (Float.isFinite(v)) {
                min = Math.min(min, v);
                max = Math.max(max, v);
            } else {
                clean = false;
            }
        }
        if (clean) {
            return values;
        }
        if (min > max) {
            throw new AttunetException(
                    "image", "no finite value in a channel", "intensities", "check how the image was made");
        }
        float[] out = values.clone();
        for (int i = 0; i < out.length; i++) {
            Interruption.check(i);
            if (!Float.isFinite(out[i])) {
                out[i] = out[i] == Float.POSITIVE_INFINITY ? max : min;
            }
        }
        return out;
    }

    static float min(float[] values) {
        float min = Float.POSITIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            min = Math.min(min, values[i]);
        }
        return min;
    }

    static float max(float[] values) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            max = Math.max(max, values[i]);
        }
        return max;
    }

    /** The map of the values clipped to low..high to mean 0 and standard deviation 1 (divisor n); of equal values to 0. */
    static Scaling zScore(float[] values, double low, double high) {
        double lowest = Math.max(low, Math.min(high, min(values)));
        double highest = Math.max(low, Math.min(high, max(values)));
        if (lowest == highest) {
            return Scaling.standardising(low, high, lowest, 0);
        }
        boolean clip =
                low > Double.NEGATIVE_INFINITY || high < Double.POSITIVE_INFINITY; // costs more than the sum itself
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            sum += clip ? Math.max(low, Math.min(high, values[i])) : values[i];
        }
        double mean = sum / values.length;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            double d = (clip ? Math.max(low, Math.min(high, values[i])) : values[i]) - mean;
            squares += d * d;
        }
        return Scaling.standardising(low, high, mean, Math.sqrt(squares / values.length));
    }

    static void requirePercentiles(String name, double low, double high) {
        if (!(low >= 0 && low < high && high <= 100)) {
            throw new ConfigException(name, low + ".." + high, "0 <= low < high <= 100");
        }
    }

    /** The percentile (0 to 100) with linear interpolation between ranks, as {@code numpy.percentile}. */
    static double percentile(float[] values, double percent) {
        double rank = percent / 100 * (values.length - 1);
        int below = (int) Math.floor(rank);
        double low = ranked(values, below);
        double share = rank - below;
        return share == 0 ? low : low + share * (ranked(values, below + 1) - low);
    }

    /**
     * The value at an index of the sorted values. Counts the upper 16 bits of order-preserving keys, then the lower 16
     * bits of the keys with the right upper half: two passes, no copy.
     */
    private static float ranked(float[] values, int index) {
        int[] counts = new int[1 << 16];
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            counts[key(values[i]) >>> 16]++;
        }
        int rest = index;
        int upper = 0;
        while (rest >= counts[upper]) {
            rest -= counts[upper++];
        }
        int[] lowerCounts = new int[1 << 16];
        for (int i = 0; i < values.length; i++) {
            Interruption.check(i);
            int key = key(values[i]);
            if (key >>> 16 == upper) {
                lowerCounts[key & 0xFFFF]++;
            }
        }
        int lower = 0;
        while (rest >= lowerCounts[lower]) {
            rest -= lowerCounts[lower++];
        }
        int key = upper << 16 | lower;
        return Float.intBitsToFloat(key < 0 ? key & 0x7FFFFFFF : ~key);
    }

    /** An integer that, read as unsigned, grows with the value. */
    private static int key(float value) {
        int bits = Float.floatToIntBits(value);
        return bits < 0 ? ~bits : bits | 0x80000000;
    }
}
