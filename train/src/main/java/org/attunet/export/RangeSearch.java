package org.attunet.export;

import org.attunet.error.ConfigException;

/** How the range that 8 bits cover is chosen from the values seen in calibration. */
public sealed interface RangeSearch {
    /** The range for values that were counted. */
    ValueRange of(Histogram values);

    /** From the smallest to the largest value: nothing is cut off, and one outlier makes all steps coarse. */
    record MinMax() implements RangeSearch {
        @Override
        public ValueRange of(Histogram values) {
            return values.extremes();
        }
    }

    /**
     * A share of the values, cut off equally at both ends.
     *
     * @param share of the values kept, above 0.5 and at most 1
     */
    record Percentile(double share) implements RangeSearch {
        /** Checks the range. */
        public Percentile {
            if (!(share > 0.5 && share <= 1)) {
                throw new ConfigException("percentile", share, "a share above 0.5 and at most 1");
            }
        }

        @Override
        public ValueRange of(Histogram values) {
            ValueRange all = values.extremes();
            double tail = (1 - share) / 2 * values.total();
            return new ValueRange(from(values, tail, 1), from(values, tail, -1)).within(all);
        }

        /** Where the tail ends, counted from below (direction 1) or above (-1). */
        private static double from(Histogram values, double tail, int direction) {
            int bin = direction > 0 ? 0 : Histogram.BINS - 1;
            double seen = 0;
            while (bin >= 0 && bin < Histogram.BINS) {
                // Zeros lie between the two bins in the middle.
                boolean middle = bin == Histogram.BINS / 2 - (direction > 0 ? 0 : 1);
                seen += values.count(bin) + (middle ? values.zeros() : 0);
                if (seen > tail) {
                    return values.edge(direction > 0 ? bin : bin + 1);
                }
                bin += direction;
            }
            return 0;
        }
    }

    /** The range with the smallest mean squared error: what rounding costs inside and cutting costs outside. */
    record SquaredError() implements RangeSearch {
        private static final int CANDIDATES = 100;

        @Override
        public ValueRange of(Histogram values) {
            ValueRange all = values.extremes();
            var tails = new Tails(values);
            ValueRange best = all;
            double least = Double.POSITIVE_INFINITY;
            for (int below = CANDIDATES; below >= (all.low() < 0 ? 1 : CANDIDATES); below--) {
                for (int above = CANDIDATES; above >= (all.high() > 0 ? 1 : CANDIDATES); above--) {
                    var range = new ValueRange(all.low() * below / CANDIDATES, all.high() * above / CANDIDATES);
                    double error = tails.error(range);
                    if (error < least) {
                        least = error;
                        best = range;
                    }
                }
            }
            return best;
        }
    }

    /** Sums over the first bins of a histogram, from which the error of a range follows at once. */
    final class Tails {
        private final Histogram values;
        private final double[] count = new double[Histogram.BINS + 1];
        private final double[] sum = new double[Histogram.BINS + 1];
        private final double[] squares = new double[Histogram.BINS + 1];

        private Tails(Histogram values) {
            this.values = values;
            for (int bin = 0; bin < Histogram.BINS; bin++) {
                double centre = values.edge(bin) + values.width() / 2;
                double n = values.count(bin);
                count[bin + 1] = count[bin] + n;
                sum[bin + 1] = sum[bin] + n * centre;
                squares[bin + 1] = squares[bin] + n * centre * centre;
            }
        }

        /** Summed squared error: a step squared / 12 for what lies inside and isn't 0, the distance for what is cut. */
        private double error(ValueRange range) {
            int low = bin(range.low());
            int high = Math.max(low, bin(range.high()));
            double step = (range.high() - range.low()) / 255;
            double inside = (count[high] - count[low]) * step * step / 12;
            return inside + cut(0, low, range.low()) + cut(high, Histogram.BINS, range.high());
        }

        private double cut(int from, int to, double at) {
            double n = count[to] - count[from];
            double error = squares[to] - squares[from] - 2 * at * (sum[to] - sum[from]) + n * at * at;
            return Math.max(0, error);
        }

        private int bin(double value) {
            long bin = Math.round(value / values.width()) + Histogram.BINS / 2;
            return (int) Math.min(Histogram.BINS, Math.max(0, bin));
        }
    }
}
