package org.attunet.metrics;

import java.util.Arrays;

/**
 * The distances from each surface voxel of one mask to the nearest surface voxel of the other, both ways, in
 * millimetres between voxel centres. A surface voxel is in the mask and has a face neighbour (4 in 2D, 6 in 3D) that is
 * not, where what lies beyond the image's border is not.
 */
final class SurfaceDistances {
    /** Spacings in files are 32-bit numbers: a distance that equals the tolerance in theory may exceed it by this. */
    private static final double ROUNDING = 1e-6;

    private final double[] forth;
    private final double[] back;

    private SurfaceDistances(double[] forth, double[] back) {
        this.forth = forth;
        this.back = back;
        Arrays.sort(forth);
        Arrays.sort(back);
    }

    /**
     * @param first a mask that isn't empty, x fastest
     * @param second another on the same voxels, not empty
     * @param size the size of three axes, 1 beyond the dimension; masks may be cropped to a box that holds both
     * @param spacing in millimetres, three axes
     * @param dimension 2 or 3
     */
    static SurfaceDistances between(boolean[] first, boolean[] second, int[] size, double[] spacing, int dimension) {
        boolean[] firstSurface = surface(first, size, dimension);
        boolean[] secondSurface = surface(second, size, dimension);
        return new SurfaceDistances(
                directed(firstSurface, secondSurface, size, spacing),
                directed(secondSurface, firstSurface, size, spacing));
    }

    private static double[] directed(boolean[] from, boolean[] to, int[] size, double[] spacing) {
        double[] squared = DistanceTransform.squared(to, size, spacing);
        double[] distances = new double[from.length];
        int n = 0;
        for (int i = 0; i < from.length; i++) {
            if (from[i]) {
                distances[n++] = Math.sqrt(squared[i]);
            }
        }
        return Arrays.copyOf(distances, n);
    }

    static boolean[] surface(boolean[] mask, int[] size, int dimension) {
        boolean[] surface = new boolean[mask.length];
        int row = size[0];
        int plane = size[0] * size[1];
        int i = 0;
        for (int z = 0; z < size[2]; z++) {
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++, i++) {
                    boolean inner = x > 0
                            && x < size[0] - 1
                            && y > 0
                            && y < size[1] - 1
                            && mask[i - 1]
                            && mask[i + 1]
                            && mask[i - row]
                            && mask[i + row];
                    if (inner && dimension == 3) {
                        inner = z > 0 && z < size[2] - 1 && mask[i - plane] && mask[i + plane];
                    }
                    surface[i] = mask[i] && !inner;
                }
            }
        }
        return surface;
    }

    /** The Hausdorff distance: the largest of all. */
    double hausdorff() {
        return Math.max(forth[forth.length - 1], back[back.length - 1]);
    }

    /** The larger of the two directed percentiles, each with linear interpolation between ranks. */
    double hausdorff(double percent) {
        return Math.max(percentile(forth, percent), percentile(back, percent));
    }

    /** The average symmetric surface distance: the mean over both surfaces' voxels together. */
    double average() {
        return (sum(forth) + sum(back)) / (forth.length + back.length);
    }

    /** The share of both surfaces' voxels whose distance is at most the tolerance (normalised surface Dice). */
    double within(double tolerance) {
        double most = tolerance * (1 + ROUNDING);
        return (double) (count(forth, most) + count(back, most)) / (forth.length + back.length);
    }

    /** The percentile of ascending values as NumPy's default ("linear", type 7 of Hyndman and Fan) defines it. */
    static double percentile(double[] sorted, double percent) {
        double rank = percent / 100 * (sorted.length - 1);
        int below = (int) Math.floor(rank);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum;
    }

    private static int count(double[] values, double most) {
        int n = 0;
        for (double v : values) {
            n += v <= most ? 1 : 0;
        }
        return n;
    }
}
