package org.attunet.image;

import java.util.Arrays;
import java.util.Optional;

/**
 * Whether two grids are the same points of the world. Headers round their affines, and programs reorder axes; neither moves
 * a point by more than {@link #TOLERANCE}.
 */
public final class Lattice {
    /** The displacement in voxels below which two grids are equal. */
    public static final double TOLERANCE = 0.01;

    private Lattice() {}

    /**
     * {@return whether two grids have one size and no point of one lies a hundredth of a voxel or more from its like}
     *
     * @param one a grid
     * @param other another grid
     */
    public static boolean equal(Grid one, Grid other) {
        return Arrays.equals(one.size(), other.size()) && displacement(one, other) < TOLERANCE;
    }

    /**
     * {@return the largest distance between a point of one grid and the point with the same indices of another, in voxels
     * of the other along each of its axes} It is that of a corner, since both affines are linear.
     *
     * @param one of any size, whose corners are compared
     * @param other the grid whose voxels measure the distance
     */
    public static double displacement(Grid one, Grid other) {
        double[][] here = other.affine();
        double[][] there = one.affine();
        double most = 0;
        for (int corner = 0; corner < 8; corner++) {
            double[] off = new double[3];
            for (int row = 0; row < 3; row++) {
                off[row] = there[row][3] - here[row][3];
                for (int axis = 0; axis < 3; axis++) {
                    int index = (corner >> axis & 1) * (one.size(axis) - 1);
                    off[row] += (there[row][axis] - here[row][axis]) * index;
                }
            }
            most = Math.max(most, largestStep(off, here));
        }
        return most;
    }

    /** The largest component of a world vector along the columns of an affine, in their lengths. */
    private static double largestStep(double[] vector, double[][] affine) {
        double most = 0;
        for (int axis = 0; axis < 3; axis++) {
            double product = 0;
            double square = 0;
            for (int row = 0; row < 3; row++) {
                product += vector[row] * affine[row][axis];
                square += affine[row][axis] * affine[row][axis];
            }
            most = Math.max(most, square > 0 ? Math.abs(product) / square : 0);
        }
        return most;
    }

    /**
     * {@return the order and direction of axes by which one grid becomes another that has the same points, as nibabel's
     * {@code as_reoriented} applies it} Empty if the points differ.
     *
     * @param from the grid to turn
     * @param to the grid that it shall become
     */
    public static Optional<Orientation> turn(Grid from, Grid to) {
        if (from.dimension() != to.dimension()) {
            return Optional.empty();
        }
        int[] sizes = from.size();
        int[] wanted = to.size();
        Arrays.sort(sizes);
        Arrays.sort(wanted);
        return Arrays.equals(sizes, wanted)
                ? Orientation.all(from).filter(turn -> equal(turn.to(), to)).findFirst()
                : Optional.empty();
    }
}
