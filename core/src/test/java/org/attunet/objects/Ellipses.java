package org.attunet.objects;

import java.util.Random;
import org.attunet.image.Grid;

/** Random ellipses or ellipsoids, many of which touch: each is cut to the voxels whose nearest centre is its own, so all are convex. */
final class Ellipses {
    private Ellipses() {}

    /** Radii are between two numbers of voxels on each axis. */
    static ObjectMap random(Grid grid, int count, double least, double most, Random random) {
        int[] numbers = new int[grid.voxels()];
        double[] nearest = new double[numbers.length];
        java.util.Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        for (int k = 1; k <= count; k++) {
            double[] centre = new double[3];
            double[] radius = {1, 1, 1};
            for (int axis = 0; axis < grid.dimension(); axis++) {
                centre[axis] = random.nextInt(grid.size(axis));
                radius[axis] = least + random.nextDouble() * (most - least);
            }
            paint(grid, centre, radius, most, k, numbers, nearest);
        }
        return new ObjectMap(grid, numbers).inReadingOrder();
    }

    private static void paint(
            Grid grid, double[] centre, double[] radius, double most, int number, int[] numbers, double[] nearest) {
        int[] from = new int[3];
        int[] to = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            from[axis] = (int) Math.max(0, Math.floor(centre[axis] - most));
            to[axis] = (int) Math.min(grid.size(axis) - 1, Math.ceil(centre[axis] + most));
        }
        for (int z = from[2]; z <= to[2]; z++) {
            for (int y = from[1]; y <= to[1]; y++) {
                for (int x = from[0]; x <= to[0]; x++) {
                    double[] d = {x - centre[0], y - centre[1], z - centre[2]};
                    double squared = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                    int i = x + grid.size(0) * (y + grid.size(1) * z);
                    if (squared < nearest[i]) {
                        nearest[i] = squared;
                        double own = Math.pow(d[0] / radius[0], 2)
                                + Math.pow(d[1] / radius[1], 2)
                                + Math.pow(d[2] / radius[2], 2);
                        numbers[i] = own <= 1 ? number : 0;
                    }
                }
            }
        }
    }
}
