package org.attunet.dicom.pixel;

import org.attunet.error.AttunetException;

/**
 * The adaptive model of a scan: the statistics of prediction errors by context, and samples decoded with them (T.87 A.3 to
 * A.7). Contexts 0 to 364 are those of gradients, 365 and 366 those of samples that interrupt a run.
 */
final class JpegLsContexts {
    /** The context of an interruption whose neighbours differ (RItype 0); the next is that of equal ones (RItype 1). */
    private static final int INTERRUPTION = 365;
    /** Four numbers for each context: A, the sum of magnitudes; B, the bias (Nn for interruptions); C, the correction; N. */
    private final int[] statistics = new int[(INTERRUPTION + 2) * 4];

    private final JpegLsSegments segments;
    private final int maximum;
    private final int near;
    private final int step;
    private final int range;
    private final int reset;
    /** Bits of an error coded in a fixed length, qbpp. */
    private final int errorBits;
    /** Zeros that announce such an error: LIMIT - qbpp - 1. */
    private final int escape;

    JpegLsContexts(JpegLsSegments segments, JpegLsParameters parameters) {
        this.segments = segments;
        maximum = parameters.maximum();
        near = parameters.near();
        step = parameters.step();
        range = parameters.range();
        reset = parameters.reset();
        errorBits = parameters.errorBits();
        escape = parameters.limit() - errorBits - 1;
        for (int i = 0; i < statistics.length; i += 4) {
            statistics[i] = Math.max(2, (range + 32) / 64); // A.2.1
            statistics[i + 3] = 1;
        }
    }

    /**
     * Decodes a sample in regular mode (A.4 to A.6).
     *
     * @param bits where its code begins
     * @param context the quantised gradients as one number, -364 to 364, not 0
     * @param a the sample to the left
     * @param b the sample above
     * @param c the sample above and to the left
     * @return the sample, 0 to MAXVAL
     */
    int regular(JpegLsBits bits, int context, int a, int b, int c) {
        int sign = context >> 31; // 0 or -1: (v ^ sign) - sign is v or -v
        int i = ((context ^ sign) - sign) << 2;
        int sum = statistics[i];
        int bias = statistics[i + 1];
        int n = statistics[i + 3];
        int predicted = clamp(median(a, b, c) + (statistics[i + 2] ^ sign) - sign);
        int k = golombParameter(n, sum);
        int mapped = bits.golomb(k, escape, errorBits);
        if (Integer.compareUnsigned(mapped, 2 * range) > 0) {
            throw outOfRange(bits, mapped);
        }
        if (k == 0 && near == 0 && 2 * bias <= -n) {
            mapped ^= 1; // A.5.2: the signs change places
        }
        int error = mapped >>> 1 ^ -(mapped & 1);
        update(i, sum + Math.abs(error), bias + error * step, n);
        return reconstructed(predicted + ((error ^ sign) - sign) * step);
    }

    /** Updates A, B, C and N (A.6.1, A.6.2). */
    private void update(int i, int sum, int bias, int n) {
        if (n == reset) {
            sum >>= 1;
            bias >>= 1; // rounds down, as A.6.1 does with -((1 - B) >> 1)
            n >>= 1;
        }
        n++;
        if (bias <= -n) {
            statistics[i + 2] = Math.max(-128, statistics[i + 2] - 1);
            bias = Math.max(bias + n, 1 - n);
        } else if (bias > 0) {
            statistics[i + 2] = Math.min(127, statistics[i + 2] + 1);
            bias = Math.min(bias - n, 0);
        }
        statistics[i] = sum;
        statistics[i + 1] = bias;
        statistics[i + 3] = n;
    }

    /**
     * Decodes a sample that interrupts a run (A.7.2).
     *
     * @param bits where its code begins
     * @param alike whether the samples to the left and above count as equal (RItype 1)
     * @param a the sample to the left, that of the run
     * @param b the sample above
     * @param runBits bits of the length of the run's last piece, J[RUNindex]
     * @return the sample, 0 to MAXVAL
     */
    int interruption(JpegLsBits bits, boolean alike, int a, int b, int runBits) {
        int type = alike ? 1 : 0;
        int i = (INTERRUPTION + type) << 2;
        int n = statistics[i + 3];
        int negatives = statistics[i + 1];
        int k = golombParameter(n, alike ? statistics[i] + (n >> 1) : statistics[i]);
        int mapped = bits.golomb(k, escape - runBits - 1, errorBits);
        if (Integer.compareUnsigned(mapped, 2 * range) > 0) {
            throw outOfRange(bits, mapped);
        }
        int odd = mapped + type & 1;
        int magnitude = (mapped + type + odd) >> 1;
        boolean negative = (k != 0 || 2 * negatives >= n) == (odd == 1);
        if (negative && magnitude != 0) {
            negatives++;
        }
        int sum = statistics[i] + ((mapped + 1 - type) >> 1);
        if (n == reset) {
            sum >>= 1;
            n >>= 1;
            negatives >>= 1;
        }
        statistics[i] = sum;
        statistics[i + 1] = negatives;
        statistics[i + 3] = n + 1;
        int error = negative ? -magnitude : magnitude;
        return alike ? reconstructed(a + error * step) : reconstructed(a > b ? b - error * step : b + error * step);
    }

    /** The least k of which n * 2^k is at least the sum (A.5.1). */
    private static int golombParameter(int n, int sum) {
        int k = Math.max(0, Integer.numberOfLeadingZeros(n) - Integer.numberOfLeadingZeros(sum));
        return n << k < sum ? k + 1 : k;
    }

    /** The median edge detector (A.4.1): the median of a, b and a + b - c. */
    private static int median(int a, int b, int c) {
        int low = Math.min(a, b);
        int high = Math.max(a, b);
        return c >= high ? low : c <= low ? high : a + b - c;
    }

    /** A predicted value and an error to a sample, modulo the range (A.4.5, A.7.2.2). */
    private int reconstructed(int value) {
        if (value < -near) {
            value += range * step;
        } else if (value > maximum + near) {
            value -= range * step;
        }
        return clamp(value);
    }

    private int clamp(int value) {
        return Math.max(0, Math.min(maximum, value));
    }

    private AttunetException outOfRange(JpegLsBits bits, int mapped) {
        if (bits.isExhausted()) {
            return segments.damaged("the JPEG-LS data end within a row", "data for every row");
        }
        String found = mapped < 0 ? "a code of too many zeros" : "a prediction error of " + (mapped + 1) / 2;
        return segments.damaged("the JPEG-LS data hold " + found, "errors of at most " + range);
    }
}
