package org.attunet.metrics;

import java.util.Arrays;
import org.attunet.image.DistanceTransform;
import org.jspecify.annotations.Nullable;

/**
 * The distances from each surface voxel of one mask to the nearest surface voxel of the other, in both directions, in
 * millimetres between voxel centres. A surface voxel has a face neighbour outside the mask; beyond the image's border is
 * outside. There are no neighbours along an axis with one voxel, so a volume of one slice is measured like a picture.
 */
public final class SurfaceDistances {
    /** The relative rounding error of distances, because spacings in files are 32-bit floats. */
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
     * Measures the distances between two masks.
     *
     * @param first a mask that isn't empty, x fastest
     * @param second another mask of the same size, not empty
     * @param size the size along three axes, 1 beyond the dimension; masks may be cropped to a box that contains both
     * @param spacing the spacing in millimetres along three axes
     * @param flat the axes along which the whole image has one voxel; not all three
     */
    static SurfaceDistances between(boolean[] first, boolean[] second, int[] size, double[] spacing, boolean[] flat) {
        return between(surface(first, size, flat), surface(second, size, flat), size, spacing);
    }

    /**
     * The same for masks that are known in some voxels only; null if one has no surface there. Unjudged voxels are no
     * outside: a mask that ends at one has no surface there.
     *
     * @param ignored the voxels without a judgement, which neither mask holds
     */
    static @Nullable SurfaceDistances between(
            boolean[] first, boolean[] second, boolean[] ignored, int[] size, double[] spacing, boolean[] flat) {
        boolean[] firstSurface = surface(first, ignored, size, flat);
        boolean[] secondSurface = surface(second, ignored, size, flat);
        return isEmpty(firstSurface) || isEmpty(secondSurface)
                ? null
                : between(firstSurface, secondSurface, size, spacing);
    }

    /** A surface voxel is one at the image's border or beside a judged voxel outside the mask. */
    private static boolean[] surface(boolean[] mask, boolean[] ignored, int[] size, boolean[] flat) {
        boolean[] known = mask.clone();
        for (int i = 0; i < known.length; i++) {
            known[i] |= ignored[i];
        }
        boolean[] surface = surface(known, size, flat);
        for (int i = 0; i < surface.length; i++) {
            surface[i] &= mask[i];
        }
        return surface;
    }

    private static boolean isEmpty(boolean[] surface) {
        for (boolean voxel : surface) {
            if (voxel) {
                return false;
            }
        }
        return true;
    }

    private static SurfaceDistances between(
            boolean[] firstSurface, boolean[] secondSurface, int[] size, double[] spacing) {
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

    static boolean[] surface(boolean[] mask, int[] size, boolean[] flat) {
        boolean[] surface = new boolean[mask.length];
        int row = size[0];
        int plane = size[0] * size[1];
        int i = 0;
        for (int z = 0; z < size[2]; z++) {
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++, i++) {
                    surface[i] = mask[i]
                            && ((!flat[0] && exposed(mask, i, 1, x, size[0]))
                                    || (!flat[1] && exposed(mask, i, row, y, size[1]))
                                    || (!flat[2] && exposed(mask, i, plane, z, size[2])));
                }
            }
        }
        return surface;
    }

    private static boolean exposed(boolean[] mask, int index, int step, int place, int length) {
        return place == 0 || place == length - 1 || !mask[index - step] || !mask[index + step];
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

    /** The share of both surfaces' voxels with a distance of at most the tolerance (normalised surface Dice). */
    double within(double tolerance) {
        double most = tolerance * (1 + ROUNDING);
        return (double) (count(forth, most) + count(back, most)) / (forth.length + back.length);
    }

    /**
     * {@return the percentile of sorted values with linear interpolation (NumPy's default; type 7 of Hyndman and Fan)}
     *
     * @param sorted ascending values
     * @param percent from 0 to 100
     */
    public static double percentile(double[] sorted, double percent) {
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

    private static long count(double[] values, double most) {
        return Arrays.stream(values).filter(v -> v <= most).count();
    }
}
