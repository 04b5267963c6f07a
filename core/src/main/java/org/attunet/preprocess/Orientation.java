package org.attunet.preprocess;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * A reordering of voxel axes: a permutation and flips. No value is interpolated, so {@link #inverse} restores every
 * voxel, and each voxel keeps its world coordinates.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Orientation {
    private static final int[][] PERMUTATIONS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    private final Grid from;
    private final Grid to;
    private final int[] axes;
    private final boolean[] flips;

    private Orientation(Grid from, Grid to, int[] axes, boolean[] flips) {
        this.from = from;
        this.to = to;
        this.axes = axes;
        this.flips = flips;
    }

    /**
     * The reordering after which x runs to the right, y to the front and z upwards (RAS+), as nearly as whole axes can:
     * of the six assignments of voxel axes to world axes the one with the largest sum of direction cosines. A 2D grid
     * stays as it is, for a picture's rows and columns say nothing about a body's axes.
     */
    public static Orientation canonical(Grid grid) {
        if (grid.dimension() == 2) {
            return of(grid, new int[] {0, 1}, new boolean[2]);
        }
        double[][] affine = grid.affine();
        int[] best = PERMUTATIONS[0];
        double bestSum = -1;
        for (int[] axes : PERMUTATIONS) {
            double sum = 0;
            for (int world = 0; world < 3; world++) {
                sum += Math.abs(affine[world][axes[world]]) / grid.spacing(axes[world]);
            }
            // A tie (an axis at 45 degrees) goes to the earlier permutation, whatever the rounding.
            if (sum > bestSum + 1e-9) {
                bestSum = sum;
                best = axes;
            }
        }
        boolean[] flips = new boolean[3];
        for (int world = 0; world < 3; world++) {
            flips[world] = affine[world][best[world]] < 0;
        }
        return of(grid, best, flips);
    }

    /**
     * Any reordering.
     *
     * @param axes for each new axis the old axis that it takes its voxels from, each old axis once
     * @param flips for each new axis whether it runs against the old one
     */
    public static Orientation of(Grid grid, int[] axes, boolean[] flips) {
        int dimension = grid.dimension();
        int[] sorted = axes.clone();
        Arrays.sort(sorted);
        if (axes.length != dimension || flips.length != dimension || sorted[0] != 0 || !isStepwise(sorted)) {
            throw new AttunetException(
                    "orientation",
                    "axes " + Arrays.toString(axes),
                    "each of the " + dimension + " axes once",
                    "give a permutation");
        }
        int[] size = new int[dimension];
        double[][] old = grid.affine();
        double[][] affine = grid.affine();
        for (int axis = 0; axis < dimension; axis++) {
            size[axis] = grid.size(axes[axis]);
            for (int row = 0; row < 3; row++) {
                double step = old[row][axes[axis]];
                affine[row][axis] = flips[axis] ? 0.0 - step : step;
                affine[row][3] += flips[axis] ? step * (size[axis] - 1) : 0;
            }
        }
        var orientation = new Orientation(grid, Grid.ofAffine(size, affine), axes.clone(), flips.clone());
        return orientation.isIdentity() ? new Orientation(grid, grid, axes.clone(), flips.clone()) : orientation;
    }

    private static boolean isStepwise(int[] sorted) {
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] != sorted[i - 1] + 1) {
                return false;
            }
        }
        return true;
    }

    /** The grid before the reordering. */
    public Grid from() {
        return from;
    }

    /** The grid after it. */
    public Grid to() {
        return to;
    }

    /** Whether every voxel stays where it is. */
    public boolean isIdentity() {
        for (int axis = 0; axis < axes.length; axis++) {
            if (axes[axis] != axis || flips[axis]) {
                return false;
            }
        }
        return true;
    }

    /** The way back, onto the very grid this one started from. */
    public Orientation inverse() {
        int[] back = new int[axes.length];
        boolean[] backFlips = new boolean[axes.length];
        for (int axis = 0; axis < axes.length; axis++) {
            back[axes[axis]] = axis;
            backFlips[axes[axis]] = flips[axis];
        }
        return new Orientation(to, from, back, backFlips);
    }

    /** The image with its voxels reordered; its arrays are shared where nothing moves. */
    public Image apply(Image image) {
        float[][] channels = new float[image.channels().length][];
        for (int c = 0; c < channels.length; c++) {
            channels[c] = apply(image.channel(c));
        }
        return new Image(to, channels);
    }

    /** The label map with its voxels reordered; its array is shared where nothing moves. */
    public LabelMap apply(LabelMap labels) {
        return new LabelMap(to, apply(labels.voxels()));
    }

    /** The values of one channel reordered; the same array where nothing moves. */
    public float[] apply(float[] values) {
        check(values.length);
        if (isIdentity()) {
            return values;
        }
        float[] out = new float[values.length];
        rows(0, to.size(1) * to.size(2), (start, source, step, length) -> {
            for (int i = 0, s = source; i < length; i++, s += step) {
                out[start + i] = values[s];
            }
        });
        return out;
    }

    /** The labels reordered; the same array where nothing moves. */
    public short[] apply(short[] values) {
        check(values.length);
        if (isIdentity()) {
            return values;
        }
        short[] out = new short[values.length];
        rows(0, to.size(1) * to.size(2), (start, source, step, length) -> {
            for (int i = 0, s = source; i < length; i++, s += step) {
                out[start + i] = values[s];
            }
        });
        return out;
    }

    /**
     * Puts one plane of the new grid (a slice of a volume, a row of a picture) where it was in the old one.
     *
     * @param plane the plane's number along the new grid's last axis
     * @param values the plane's voxels
     * @param old an array of the old grid, of which the plane's voxels are set
     */
    void putBack(int plane, float[] values, float[] old) {
        int rows = rowsOfPlane();
        rows(plane * rows, (plane + 1) * rows, (start, source, step, length) -> {
            int next = start - plane * rows * length;
            for (int i = 0, s = source; i < length; i++, s += step) {
                old[s] = values[next + i];
            }
        });
    }

    /** The same for labels. */
    void putBack(int plane, short[] values, short[] old) {
        int rows = rowsOfPlane();
        rows(plane * rows, (plane + 1) * rows, (start, source, step, length) -> {
            int next = start - plane * rows * length;
            for (int i = 0, s = source; i < length; i++, s += step) {
                old[s] = values[next + i];
            }
        });
    }

    private int rowsOfPlane() {
        return axes.length == 2 ? 1 : to.size(1);
    }

    private void check(int length) {
        if (length != from.voxels()) {
            throw new AttunetException(
                    "orientation",
                    length + " values",
                    from.voxels() + " values for " + from,
                    "give this grid's voxels");
        }
    }

    private interface Row {
        void copy(int start, int source, int step, int length);
    }

    /** Calls once for each of some rows of the new grid, with the place and the signed step of its voxels in the old one. */
    private void rows(int first, int end, Row row) {
        int[] step = new int[3];
        int origin = 0;
        for (int axis = 0; axis < axes.length; axis++) {
            int stride = 1;
            for (int lower = 0; lower < axes[axis]; lower++) {
                stride *= from.size(lower);
            }
            step[axis] = flips[axis] ? -stride : stride;
            origin += flips[axis] ? stride * (to.size(axis) - 1) : 0;
        }
        for (int number = first; number < end; number++) {
            int y = number % to.size(1);
            int z = number / to.size(1);
            row.copy(number * to.size(0), origin + y * step[1] + z * step[2], step[0], to.size(0));
        }
    }
}
