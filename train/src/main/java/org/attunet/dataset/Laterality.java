package org.attunet.dataset;

import java.util.Arrays;
import java.util.List;
import org.attunet.image.LabelMap;

/**
 * Detects labels that belong to one side of the body by measures that change their sign in the left-right mirror image. If
 * one of them has the same sign in nearly all cases, the mirror image of a case is unlike all cases.
 */
final class Laterality {
    private static final int FEWEST_CASES = 20;
    private static final long FEWEST_VOXELS = 10;
    private static final double NEARLY_NONE = 1e-6;

    private final double[] sums = new double[4]; // of x, y, z, 1
    private final double[] squares = new double[3]; // of x, y, z
    private final double[] products = new double[2]; // of xy, xz
    private double cubes; // of x
    private final double[][] parts; // of each class: x, 1

    private Laterality(int classes) {
        parts = new double[classes][2];
    }

    /**
     * Measures one case.
     *
     * @param mask with x from left to right or from right to left, alike in all cases
     * @param classOfValue 0 for the background
     * @return the skewness along x, the correlations of x with y and with z and, if there are several labels, the distance
     *     of each one's centre from the common one along x in standard deviations; NaN if there are too few voxels
     */
    static double[] of(LabelMap mask, int[] classOfValue, int classes) {
        var leaning = new Laterality(classes);
        int[] size = mask.grid().size();
        int depth = size.length > 2 ? size[2] : 1;
        int i = 0;
        for (int z = 0; z < depth; z++) {
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++) {
                    int found = classOfValue[mask.label(i++)];
                    if (found > 0) {
                        // from the middle, so that differences of large sums keep their digits
                        leaning.add(found, x - size[0] / 2.0, y - size[1] / 2.0, z - depth / 2.0);
                    }
                }
            }
        }
        return leaning.measures();
    }

    private void add(int found, double x, double y, double z) {
        sums[0] += x;
        sums[1] += y;
        sums[2] += z;
        sums[3]++;
        squares[0] += x * x;
        squares[1] += y * y;
        squares[2] += z * z;
        products[0] += x * y;
        products[1] += x * z;
        cubes += x * x * x;
        parts[found][0] += x;
        parts[found][1]++;
    }

    private double[] measures() {
        int labels = parts.length - 1;
        double[] numbers = new double[3 + (labels > 1 ? labels : 0)];
        Arrays.fill(numbers, Double.NaN);
        double n = sums[3];
        if (n < FEWEST_VOXELS) {
            return numbers;
        }
        double mean = sums[0] / n;
        double variance = squares[0] / n - mean * mean;
        double deviation = Math.sqrt(variance);
        numbers[0] = (cubes / n - 3 * mean * variance - mean * mean * mean) / (variance * deviation);
        for (int k = 1; k < 3; k++) {
            double other = sums[k] / n;
            double spread = Math.sqrt(squares[k] / n - other * other);
            numbers[k] = (products[k - 1] / n - mean * other) / (deviation * spread);
        }
        for (int k = 3; k < numbers.length; k++) {
            numbers[k] = (parts[k - 2][0] / parts[k - 2][1] - mean) / deviation;
        }
        return numbers;
    }

    /**
     * Returns the share of the cases whose labels lean to the same side, by the measure that gives the largest.
     *
     * @param cases the measures of each case
     * @return 0 to 1; 0 if no measure is known of 20 cases
     */
    static double share(List<double[]> cases) {
        double most = 0;
        for (int k = 0; k < cases.get(0).length; k++) {
            int number = k;
            double[] known = cases.stream()
                    .mapToDouble(one -> one[number])
                    .filter(Double::isFinite)
                    .toArray();
            double right =
                    Arrays.stream(known).filter(value -> value > NEARLY_NONE).count();
            double left =
                    Arrays.stream(known).filter(value -> value < -NEARLY_NONE).count();
            if (known.length >= FEWEST_CASES) {
                most = Math.max(most, Math.max(right, left) / known.length);
            }
        }
        return most;
    }
}
