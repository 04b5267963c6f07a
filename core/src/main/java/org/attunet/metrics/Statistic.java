package org.attunet.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a metric over cases.
 *
 * @param mean the mean; null if the metric is defined in no case
 * @param standardDeviation the sample standard deviation (divisor n - 1), 0 for a single case; null if the mean is
 * @param low the lower end of the mean's bootstrap 95% interval; null if the mean is
 * @param high its upper end; null if the mean is
 * @param n the number of cases in the mean
 * @param undefined the number of cases in which neither mask has the label
 * @param failed the number of cases in which only one mask has the label, whether or not the metric is defined
 */
public record Statistic(
        @Nullable Double mean,
        @Nullable Double standardDeviation,
        @Nullable Double low,
        @Nullable Double high,
        int n,
        int undefined,
        int failed) {

    /** The number of bootstrap resamples. */
    public static final int RESAMPLES = 2000;

    private static final long SEED = 20180411;

    /**
     * {@return the statistics of a metric's values}
     *
     * @param values one for each voxel
     * @param undefined the number of cases in which the measure is undefined
     * @param failed the number of cases without a result
     */
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

    /** The sorted means of samples of the same size drawn with replacement; deterministic. */
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
