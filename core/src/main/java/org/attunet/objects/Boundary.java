package org.attunet.objects;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;

/**
 * The length of objects' outlines in 2D and the area of their surfaces in 3D, by Crofton's formula: from how often lines
 * through the voxels' centres cross the boundary, in the 4 (2D) or 13 (3D) directions to the neighbours. Each direction counts
 * by the part of the circle or sphere that is nearest to it, whatever the spacing. The image's edge is a boundary. In 2D
 * scikit-image's {@code perimeter_crofton} gives the same; in 3D after G. Lehmann and D. Legland, "Efficient N-Dimensional
 * surface estimation using Crofton formula and run-length encoding", Insight Journal (2012).
 */
final class Boundary {
    private static final int SAMPLES = 100_000; // of the sphere

    private final Grid grid;
    private final int[] numbers;
    private final List<int[]> directions = new ArrayList<>();
    private final double[] perCrossing; // boundary for each crossing of a line in a direction

    private Boundary(ObjectMap objects) {
        grid = objects.grid();
        numbers = objects.numbers();
        for (int z = 0; z <= (grid.dimension() == 3 ? 1 : 0); z++) {
            for (int y = -1; y <= 1; y++) {
                for (int x = -1; x <= 1; x++) {
                    if (z > 0 || y > 0 || (y == 0 && x > 0)) {
                        directions.add(new int[] {x, y, z});
                    }
                }
            }
        }
        double[] shares = grid.dimension() == 3 ? sphereShares() : circleShares();
        perCrossing = new double[shares.length];
        for (int k = 0; k < shares.length; k++) {
            double perLine = grid.voxelVolume() / length(directions.get(k));
            perCrossing[k] = (grid.dimension() == 3 ? 2 : Math.PI / 2) * shares[k] * perLine;
        }
    }

    /** The boundary of each object by its place, in the grid's mm or pixels, squared in 3D. */
    static double[] of(ObjectMap objects, ObjectNumbers found) {
        return new Boundary(objects).measure(found);
    }

    private double[] measure(ObjectNumbers found) {
        double[] boundary = new double[found.count()];
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                Interruption.check();
                for (int x = 0; x < grid.size(0); x++, i++) {
                    for (int k = 0; numbers[i] != 0 && k < perCrossing.length; k++) {
                        int[] to = directions.get(k);
                        int crossings = (same(numbers[i], x + to[0], y + to[1], z + to[2]) ? 0 : 1)
                                + (same(numbers[i], x - to[0], y - to[1], z - to[2]) ? 0 : 1);
                        if (crossings > 0) {
                            boundary[found.place(numbers[i])] += crossings * perCrossing[k];
                        }
                    }
                }
            }
        }
        return boundary;
    }

    private boolean same(int number, int x, int y, int z) {
        return x >= 0
                && y >= 0
                && z >= 0
                && x < grid.size(0)
                && y < grid.size(1)
                && z < grid.size(2)
                && numbers[x + grid.size(0) * (y + grid.size(1) * z)] == number;
    }

    private double length(int[] direction) {
        double squared = 0;
        for (int axis = 0; axis < grid.dimension(); axis++) {
            squared += Math.pow(direction[axis] * grid.spacing(axis), 2);
        }
        return Math.sqrt(squared);
    }

    /** The share of the half circle nearest to each direction. */
    private double[] circleShares() {
        double[] angles = directions.stream()
                .mapToDouble(to -> Math.atan2(to[1] * grid.spacing(1), to[0] * grid.spacing(0)))
                .toArray();
        double[] sorted = angles.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double[] shares = new double[n];
        for (int k = 0; k < n; k++) {
            int at = Arrays.binarySearch(sorted, angles[k]);
            double before = at > 0 ? sorted[at - 1] : sorted[n - 1] - Math.PI;
            double after = at < n - 1 ? sorted[at + 1] : sorted[0] + Math.PI;
            shares[k] = (after - before) / (2 * Math.PI);
        }
        return shares;
    }

    /** The share of the sphere nearest to each direction, by points spread evenly on a spiral. */
    private double[] sphereShares() {
        double[] shares = new double[directions.size()];
        double turn = Math.PI * (3 - Math.sqrt(5));
        for (int i = 0; i < SAMPLES; i++) {
            double z = 1 - (i + 0.5) / SAMPLES; // one half is enough
            double radius = Math.sqrt(1 - z * z);
            shares[nearest(radius * Math.cos(i * turn), radius * Math.sin(i * turn), z)] += 1.0 / SAMPLES;
        }
        return shares;
    }

    private int nearest(double x, double y, double z) {
        int nearest = 0;
        double most = -1;
        for (int k = 0; k < directions.size(); k++) {
            int[] to = directions.get(k);
            double product = x * to[0] * grid.spacing(0) + y * to[1] * grid.spacing(1) + z * to[2] * grid.spacing(2);
            double cosine = Math.abs(product) / length(to);
            if (cosine > most) {
                most = cosine;
                nearest = k;
            }
        }
        return nearest;
    }
}
