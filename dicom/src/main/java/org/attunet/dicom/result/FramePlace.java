package org.attunet.dicom.result;

import java.util.Arrays;
import org.attunet.dicom.series.Plane;
import org.attunet.image.Grid;
import org.jspecify.annotations.Nullable;

/**
 * Which voxel of a grid each pixel of a frame is: pixel (column, row) is the voxel {@code first + column * across + row * down}.
 * Frames may run along any two axes of the grid, in any direction, and reach beyond it.
 *
 * <p>The arrays are shared, not copied, and must not be changed.
 */
record FramePlace(int[] first, int[] across, int[] down) {
    /** How far pixels may lie from the centres of voxels, in voxels: headers round positions. */
    private static final double SAME_PLACE = 0.1;

    /** How far a frame may lie from a slice, as a share of the distance between slices, to be that slice's. */
    private static final double SAME_SLICE = 0.1;

    /** How far planes may lie from each other, as a share of their distance: those of a series may be slightly uneven. */
    private static final double SAME_PLANE = 0.2;

    /** The place of a frame that lies beside the slices. */
    static final FramePlace OUTSIDE = new FramePlace(new int[] {-1, -1, -1}, new int[3], new int[3]);

    /** Returns the place of a frame that is a slice of a grid whose rows run against DICOM's. */
    static FramePlace ofSlice(Grid grid, int slice) {
        return grid.dimension() == 2
                ? new FramePlace(new int[3], new int[] {1, 0, 0}, new int[] {0, 1, 0})
                : new FramePlace(new int[] {0, grid.size(1) - 1, slice}, new int[] {1, 0, 0}, new int[] {0, -1, 0});
    }

    /** Returns the place of a plane; null if its pixels aren't voxels of the grid. */
    static @Nullable FramePlace of(Plane plane, Grid grid) {
        double[][] inverse = inverse(grid.affine());
        double[] first = indices(inverse, plane.position(), 1, true);
        double[] across = indices(inverse, plane.across(), plane.columnSpacing(), false);
        double[] down = indices(inverse, plane.down(), plane.rowSpacing(), false);
        int[] a = rounded(across);
        int[] d = rounded(down);
        int[] f = rounded(first);
        boolean steps = Arrays.stream(a).map(Math::abs).sum() == 1
                && Arrays.stream(d).map(Math::abs).sum() == 1;
        for (int axis = 0; axis < 3 && steps; axis++) {
            double off = Math.abs(first[axis] - f[axis])
                    + (plane.columns() - 1) * Math.abs(across[axis] - a[axis])
                    + (plane.rows() - 1) * Math.abs(down[axis] - d[axis]);
            boolean through = a[axis] == 0 && d[axis] == 0;
            steps = off <= (through && axis == 2 ? SAME_PLANE : SAME_PLACE);
        }
        return steps ? new FramePlace(f, a, d) : null;
    }

    /**
     * Whether two planes have the same pixels.
     *
     * @param gap the distance between planes
     */
    static boolean same(Plane one, Plane other, double gap) {
        boolean same = one.columns() == other.columns() && one.rows() == other.rows();
        for (int corner = 0; corner < 4 && same; corner++) {
            int column = (corner & 1) * (one.columns() - 1);
            int row = (corner >> 1) * (one.rows() - 1);
            double[] off = new double[3];
            for (int axis = 0; axis < 3; axis++) {
                off[axis] = point(one, column, row, axis) - point(other, column, row, axis);
            }
            same = Math.abs(dot(off, other.across())) <= SAME_PLACE * other.columnSpacing()
                    && Math.abs(dot(off, other.down())) <= SAME_PLACE * other.rowSpacing()
                    && Math.abs(dot(off, other.normal())) <= SAME_SLICE * gap;
        }
        return same;
    }

    /** Whether two planes' pixels have the same directions and distances. */
    static boolean parallel(Plane one, Plane other) {
        double[] same = other.position();
        return same(
                new Plane(
                        same,
                        one.across(),
                        one.down(),
                        one.columnSpacing(),
                        one.rowSpacing(),
                        one.columns(),
                        one.rows()),
                other,
                1);
    }

    private static double point(Plane plane, int column, int row, int axis) {
        return plane.position()[axis]
                + column * plane.columnSpacing() * plane.across()[axis]
                + row * plane.rowSpacing() * plane.down()[axis];
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    /** Whether columns and rows run as those of DICOM's images of the grid. */
    boolean upright() {
        return across[0] == 1 && down[1] == -1;
    }

    /** The index of a voxel in a grid; -1 if it lies outside. */
    int voxel(int column, int row, Grid grid) {
        int index = 0;
        for (int axis = 2; axis >= 0; axis--) {
            int at = first[axis] + column * across[axis] + row * down[axis];
            if (at < 0 || at >= grid.size(axis)) {
                return -1;
            }
            index = index * grid.size(axis) + at;
        }
        return index;
    }

    /** A position or direction of DICOM's as indices of voxels. */
    private static double[] indices(double[][] inverse, double[] vector, double length, boolean position) {
        double[] result = new double[3];
        for (int row = 0; row < 3; row++) {
            result[row] =
                    length * (-inverse[row][0] * vector[0] - inverse[row][1] * vector[1] + inverse[row][2] * vector[2])
                            + (position ? inverse[row][3] : 0);
        }
        return result;
    }

    private static int[] rounded(double[] vector) {
        return Arrays.stream(vector).mapToInt(value -> (int) Math.round(value)).toArray();
    }

    private static double[][] inverse(double[][] m) {
        double[][] inverse = new double[3][4];
        double determinant = 0;
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                int a = (column + 1) % 3;
                int b = (column + 2) % 3;
                int c = (row + 1) % 3;
                int d = (row + 2) % 3;
                inverse[row][column] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
            }
        }
        for (int column = 0; column < 3; column++) {
            determinant += m[0][column] * inverse[column][0];
        }
        for (double[] row : inverse) {
            for (int column = 0; column < 3; column++) {
                row[column] /= determinant;
            }
            row[3] = -(row[0] * m[0][3] + row[1] * m[1][3] + row[2] * m[2][3]);
        }
        return inverse;
    }
}
