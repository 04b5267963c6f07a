package org.attunet.image;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;

/**
 * A permutation and flips of voxel axes. Nothing is interpolated, and each voxel keeps its world coordinates.
 *
 * <p>Immutable and thread-safe.
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
     * {@return the orientation that changes nothing}
     *
     * @param grid both grids
     */
    public static Orientation identity(Grid grid) {
        return of(grid, Arrays.copyOf(PERMUTATIONS[0], grid.dimension()), new boolean[grid.dimension()]);
    }

    /**
     * {@return the orientation in which x runs to the right, y to the front and z upwards (RAS+), as nearly as whole axes
     * can: of the six assignments of voxel axes to world axes, the one with the largest sum of direction cosines} A 2D grid
     * stays as it is, since rows and columns of a picture say nothing about a body's axes.
     *
     * @param grid the old grid
     */
    public static Orientation canonical(Grid grid) {
        if (grid.dimension() == 2) {
            return identity(grid);
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
     * {@return any orientation}
     *
     * @param grid the old grid
     * @param axes for each new axis, the old axis that becomes it; each old axis once
     * @param flips for each new axis, whether it is reversed
     */
    public static Orientation of(Grid grid, int[] axes, boolean[] flips) {
        int dimension = grid.dimension();
        int[] sorted = axes.clone();
        Arrays.sort(sorted);
        if (flips.length != dimension || !Arrays.equals(sorted, Arrays.copyOf(PERMUTATIONS[0], dimension))) {
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
        var orientation = new Orientation(grid, grid.with(size, affine), axes.clone(), flips.clone());
        return orientation.isIdentity() ? new Orientation(grid, grid, axes.clone(), flips.clone()) : orientation;
    }

    /** All orders and directions of a grid's axes, the one that changes nothing first. */
    static Stream<Orientation> all(Grid grid) {
        int dimension = grid.dimension();
        return Arrays.stream(PERMUTATIONS)
                .filter(axes -> dimension == 3 || axes[2] == 2)
                .flatMap(axes -> IntStream.range(0, 1 << dimension).mapToObj(bits -> {
                    boolean[] flips = new boolean[dimension];
                    for (int axis = 0; axis < dimension; axis++) {
                        flips[axis] = (bits >> axis & 1) == 1;
                    }
                    return of(grid, Arrays.copyOf(axes, dimension), flips);
                }));
    }

    /** {@return the old grid} */
    public Grid from() {
        return from;
    }

    /** {@return the new grid} */
    public Grid to() {
        return to;
    }

    /** {@return whether every voxel stays in place} */
    public boolean isIdentity() {
        for (int axis = 0; axis < axes.length; axis++) {
            if (axes[axis] != axis || flips[axis]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reorders an image's voxels; shares its arrays if nothing moves.
     *
     * @param image on the old grid
     * @return on the new grid
     */
    public Image apply(Image image) {
        return image.map(to, this::apply);
    }

    /**
     * Reorders a label map's voxels; shares its array if nothing moves.
     *
     * @param labels on the old grid
     * @return on the new grid
     */
    public LabelMap apply(LabelMap labels) {
        return labels.with(to, apply(labels.voxels()));
    }

    /**
     * Reorders one channel; returns the same array if nothing moves.
     *
     * @param values one channel of the old grid
     * @return on the new grid
     */
    public float[] apply(float[] values) {
        check(values.length);
        if (isIdentity()) {
            return values;
        }
        float[] out = new float[values.length];
        VoxelLoop.parallel(
                planes(),
                values.length / planes(),
                (first, end) -> rows(first, end, (start, source, step, length) -> {
                    for (int i = 0, s = source; i < length; i++, s += step) {
                        out[start + i] = values[s];
                    }
                }));
        return out;
    }

    /**
     * Reorders whole numbers, one for each voxel; returns the same array if nothing moves.
     *
     * @param values one for each voxel of the old grid
     * @return on the new grid
     */
    public int[] apply(int[] values) {
        check(values.length);
        if (isIdentity()) {
            return values;
        }
        int[] out = new int[values.length];
        VoxelLoop.parallel(
                planes(),
                values.length / planes(),
                (first, end) -> rows(first, end, (start, source, step, length) -> {
                    for (int i = 0, s = source; i < length; i++, s += step) {
                        out[start + i] = values[s];
                    }
                }));
        return out;
    }

    private short[] apply(short[] values) {
        check(values.length);
        if (isIdentity()) {
            return values;
        }
        short[] out = new short[values.length];
        VoxelLoop.parallel(
                planes(),
                values.length / planes(),
                (first, end) -> rows(first, end, (start, source, step, length) -> {
                    for (int i = 0, s = source; i < length; i++, s += step) {
                        out[start + i] = values[s];
                    }
                }));
        return out;
    }

    /**
     * Puts a plane of the new grid (a slice of a volume, a row of a picture) back to its place in the old one.
     *
     * @param plane its number along the new grid's last axis
     * @param values the plane's voxels
     * @param old an array of the old grid, in which the plane's voxels are set
     */
    public void putBack(int plane, float[] values, float[] old) {
        int first = plane * (to.voxels() / planes());
        rows(plane, plane + 1, (start, source, step, length) -> {
            for (int i = 0, s = source; i < length; i++, s += step) {
                old[s] = values[start - first + i];
            }
        });
    }

    /**
     * The same for labels.
     *
     * @param plane the number of the plane
     * @param values one for each voxel of the plane
     * @param old the array that it replaces
     */
    public void putBack(int plane, short[] values, short[] old) {
        int first = plane * (to.voxels() / planes());
        rows(plane, plane + 1, (start, source, step, length) -> {
            for (int i = 0, s = source; i < length; i++, s += step) {
                old[s] = values[start - first + i];
            }
        });
    }

    private int planes() {
        return to.size(axes.length - 1);
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

    /** The copy of one row of the new grid, whose voxels lie {@code step} apart in the old one. */
    private interface Row {
        void copy(int start, int source, int step, int length);
    }

    /** Copies the rows of some planes of the new grid; a call per voxel would be several times slower. */
    private void rows(int first, int end, Row copier) {
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
        int rows = axes.length == 2 ? 1 : to.size(1); // of a plane
        for (int row = first * rows; row < end * rows; row++) {
            int source = origin + row % to.size(1) * step[1] + row / to.size(1) * step[2];
            copier.copy(row * to.size(0), source, step[0], to.size(0));
        }
    }
}
