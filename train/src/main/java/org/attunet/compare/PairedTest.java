package org.attunet.compare;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.attunet.error.ConfigException;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.SurfaceDistances;
import org.jspecify.annotations.Nullable;

/**
 * Wilcoxon's signed-rank test of paired differences, two-sided (Wilcoxon 1945), with the size of the difference.
 *
 * <p>Zero differences are not ranked, equal ones share their mean rank. Under the null hypothesis both signs are equally
 * likely; up to {@value #MOST_EXACT} differences the p-value is the exact share of the 2<sup>n</sup> assignments of signs
 * whose rank sum is at least as extreme, ties included; beyond that it is the normal approximation with the variance
 * corrected for ties. SciPy's {@code wilcoxon} with {@code zero_method="wilcox"} computes the same.
 *
 * @param n number of pairs
 * @param zeros number of pairs without a difference
 * @param statistic the smaller of the two rank sums
 * @param pValue 0 to 1; null if no pair differs
 * @param median the median difference, zeros included
 * @param low lower bound of the median's bootstrap 95% interval
 * @param high its upper bound
 */
public record PairedTest(
        int n, int zeros, double statistic, @Nullable Double pValue, double median, double low, double high) {
    /** The fewest pairs whose p-value is reported. */
    public static final int LEAST = 10;

    private static final int MOST_EXACT = 300;
    private static final long SEED = 20180411;

    /**
     * Tests differences, one for each pair.
     *
     * @param differences finite numbers, one or more
     */
    public static PairedTest of(double[] differences) {
        if (differences.length == 0 || !Arrays.stream(differences).allMatch(Double::isFinite)) {
            throw new ConfigException("differences", Arrays.toString(differences), "one finite number or more");
        }
        double[] kept = Arrays.stream(differences).filter(d -> d != 0).toArray();
        long[] ranks = doubledRanks(kept);
        long plus = 0;
        long all = 0;
        for (int i = 0; i < kept.length; i++) {
            plus += kept[i] > 0 ? ranks[i] : 0;
            all += ranks[i];
        }
        double[] medians = bootstrap(differences);
        return new PairedTest(
                differences.length,
                differences.length - kept.length,
                Math.min(plus, all - plus) / 2.0,
                kept.length == 0
                        ? null
                        : (Double) (kept.length <= MOST_EXACT ? exact(ranks, plus) : normal(ranks, plus)),
                median(differences.clone()),
                SurfaceDistances.percentile(medians, 2.5),
                SurfaceDistances.percentile(medians, 97.5));
    }

    /** The p-value; null if no pair differs or there are fewer than {@value #LEAST}. */
    public @Nullable Double reliableP() {
        return n < LEAST ? null : pValue;
    }

    /** Twice the mean ranks of the absolute differences, whole numbers even with ties. */
    private static long[] doubledRanks(double[] differences) {
        double[] sorted = Arrays.stream(differences).map(Math::abs).sorted().toArray();
        long[] ranks = new long[differences.length];
        for (int i = 0; i < ranks.length; i++) {
            double size = Math.abs(differences[i]);
            long below = 0;
            long equal = 0;
            for (double other : sorted) {
                below += other < size ? 1 : 0;
                equal += other == size ? 1 : 0;
            }
            ranks[i] = 2 * below + equal + 1;
        }
        return ranks;
    }

    /** The p-value from the exact distribution of the positive rank sum, built up rank by rank. */
    private static double exact(long[] ranks, long plus) {
        int all = Math.toIntExact(Arrays.stream(ranks).sum());
        double[] share = new double[all + 1];
        share[0] = 1;
        int reached = 0;
        for (long rank : ranks) {
            int step = Math.toIntExact(rank);
            reached += step;
            for (int sum = reached; sum >= 0; sum--) {
                share[sum] = 0.5 * (share[sum] + (sum >= step ? share[sum - step] : 0));
            }
        }
        long far = Math.min(plus, all - plus);
        double tail = 0;
        for (int sum = 0; sum <= far; sum++) {
            tail += share[sum];
        }
        return Math.min(1, 2 * tail);
    }

    private static double normal(long[] ranks, long plus) {
        double mean = 0;
        double variance = 0;
        for (long rank : ranks) {
            // Each rank counts with probability 1/2; with ties this equals the usual tie correction.
            mean += rank / 2.0;
            variance += rank * (double) rank / 4;
        }
        double z = Math.abs(plus - mean) / Math.sqrt(variance);
        return Math.min(1, complementaryError(z / Math.sqrt(2)));
    }

    /**
     * 1 - erf(x) for x of 0 or more, with a relative error below 1e-10: the series below 2, Lentz's continued fraction
     * above (Abramowitz and Stegun 7.1.6 and 7.1.14).
     */
    private static double complementaryError(double x) {
        if (x < 2) {
            double term = x;
            double sum = x;
            for (int n = 1; Math.abs(term) > 1e-17 * sum; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
        }
        double fraction = 0;
        for (int n = 120; n >= 1; n--) {
            fraction = n / 2.0 / (x + fraction);
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
    }

    private static double[] bootstrap(double[] differences) {
        var random = new SplittableRandom(SEED);
        double[] medians = new double[Statistic.RESAMPLES];
        double[] sample = new double[differences.length];
        for (int r = 0; r < medians.length; r++) {
            for (int i = 0; i < sample.length; i++) {
                sample[i] = differences[random.nextInt(differences.length)];
            }
            medians[r] = median(sample);
        }
        Arrays.sort(medians);
        return medians;
    }

    /** Sorts the values and takes the middle one, or the mean of the middle two. */
    private static double median(double[] values) {
        Arrays.sort(values);
        int half = values.length / 2;
        return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }
}
