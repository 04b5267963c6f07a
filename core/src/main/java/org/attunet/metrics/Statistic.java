package org.attunet.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A measure over the cases.
 *
 * @param mean the mean; null where no case defines the measure
 * @param standardDeviation the sample standard deviation (divisor n - 1), 0 for a single case; null where mean is
 * @param low the lower end of the mean's bootstrap 95% interval; null where mean is
 * @param high its upper end
 * @param n the cases that went into the mean
 * @param undefined the cases where neither mask has the label
 * @param failed the cases where one mask has the label and the other doesn't, whether or not the measure has a value
 *     there
 */
public record Statistic(
        @Nullable Double mean,
        @Nullable Double standardDeviation,
        @Nullable Double low,
        @Nullable Double high,
        int n,
        int undefined,
        int failed) {

    /** Resamples in a bootstrap. */
    public static final int RESAMPLES = 2000;

    private static final long SEED = 20180411;

    public static Statistic of(double[] values, int undefined, int failed) {
        int n = values.length;
        if (n == 0) {
            return new Statistic(null, null, null, null, 0, undefined, failed);
        }
        double mean = Arrays.stream(values).sum() / n;
        double squares = 0;
        for (double v : values) {
            squares += (v - mean) * (v - mean);
        }
        double[] means = bootstrap(values);
        return new Statistic(
                mean,
                n == 1 ? 0 : Math.sqrt(squares / (n - 1)),
                SurfaceDistances.percentile(means, 2.5),
                SurfaceDistances.percentile(means, 97.5),
                n,
                undefined,
                failed);
    }

    /** The means of samples of the same size drawn with replacement, ascending; the same at each call. */
    private static double[] bootstrap(double[] values) {
        var random = new SplittableRandom(SEED);
        double[] means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[random.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        return means;
    }
}
