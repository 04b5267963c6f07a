package org.attunet.export;

/**
 * Searches the range that 8 bits should cover for the values of a histogram: the one with the least squared error, which
 * rounding causes inside and clipping outside. Candidates are the extremes, each reduced in steps of 1%.
 */
final class RangeSearch {
    private static final int CANDIDATES = 100;

    private final Histogram values;
    // Sums over the first bins, from which a range's error follows in constant time.
    private final double[] count = new double[Histogram.BINS + 1];
    private final double[] sum = new double[Histogram.BINS + 1];
    private final double[] squares = new double[Histogram.BINS + 1];

    private RangeSearch(Histogram values) {
        this.values = values;
        for (int bin = 0; bin < Histogram.BINS; bin++) {
            double centre = values.centre(bin);
            double n = values.count(bin);
            count[bin + 1] = count[bin] + n;
            sum[bin + 1] = sum[bin] + n * centre;
            squares[bin + 1] = squares[bin] + n * centre * centre;
        }
    }

    /** Returns the range with the least squared error. */
    static ValueRange leastSquaredError(Histogram values) {
        ValueRange all = values.extremes();
        var search = new RangeSearch(values);
        ValueRange best = all;
        double least = Double.POSITIVE_INFINITY;
        for (int below = CANDIDATES; below >= (all.low() < 0 ? 1 : CANDIDATES); below--) {
            for (int above = CANDIDATES; above >= (all.high() > 0 ? 1 : CANDIDATES); above--) {
                var range = new ValueRange(all.low() * below / CANDIDATES, all.high() * above / CANDIDATES);
                double error = search.error(range);
                if (error < least) {
                    least = error;
                    best = range;
                }
            }
        }
        return best;
    }

    /** Summed squared error: scale squared / 12 for each value inside except 0, squared distance for each outside. */
    private double error(ValueRange range) {
        int low = bin(range.low());
        int high = Math.max(low, bin(range.high()));
        double scale = (range.high() - range.low()) / 255;
        double rounding = (count[high] - count[low]) * scale * scale / 12;
        return rounding + clipping(0, low, range.low()) + clipping(high, Histogram.BINS, range.high());
    }

    private double clipping(int from, int to, double at) {
        double n = count[to] - count[from];
        double error = squares[to] - squares[from] - 2 * at * (sum[to] - sum[from]) + n * at * at;
        return Math.max(0, error);
    }

    private int bin(double value) {
        long bin = Math.round(value / values.width()) + Histogram.BINS / 2;
        return (int) Math.min(Histogram.BINS, Math.max(0, bin));
    }
}
