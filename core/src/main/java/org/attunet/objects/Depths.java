package org.attunet.objects;

import org.attunet.error.Interruption;
import org.attunet.image.DistanceTransform;
import org.attunet.image.Grid;

/** How deep each voxel lies within its object: its distance to the nearest voxel that isn't its object's. Lengths in pixels. */
final class Depths {
    /** Relative, for distances that are equal but for rounding. */
    static final double ROUNDING = 1e-9;

    private final int[] numbers;
    private final double[] squared;
    private final ObjectNumbers found;
    private final double[] greatest; // squared, by the object's place
    private int place = -1;

    /** Measures all objects at once. */
    Depths(ObjectMap objects) {
        numbers = objects.numbers();
        squared = squared(objects);
        found = ObjectNumbers.of(objects);
        greatest = new double[found.count()];
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            if (numbers[i] != 0) {
                int at = place(i);
                greatest[at] = Math.max(greatest[at], squared[i]);
            }
        }
    }

    /** The place of a voxel's object; voxels are asked for in order. */
    int place(int voxel) {
        if (voxel == 0 || place < 0 || numbers[voxel] != numbers[voxel - 1]) {
            place = found.place(numbers[voxel]);
        }
        return place;
    }

    double squared(int voxel) {
        return squared[voxel];
    }

    /** The squared depth that each object's deepest voxels have, a little less for rounding, by the object's place. */
    double[] deepest() {
        double[] deepest = greatest.clone();
        for (int at = 0; at < deepest.length; at++) {
            deepest[at] *= 1 - ROUNDING;
        }
        return deepest;
    }

    /** The squared depths alone. */
    static double[] squared(ObjectMap objects) {
        Grid grid = objects.grid();
        int[] size = {grid.size(0), grid.size(1), grid.size(2)};
        return DistanceTransform.squared(objects.numbers(), 0, size, spacing(grid));
    }

    /** The distance between neighbours along three axes in pixels: multiples of the smallest spacing. */
    static double[] spacing(Grid grid) {
        double smallest = Double.POSITIVE_INFINITY;
        for (double spacing : grid.spacing()) {
            smallest = Math.min(smallest, spacing);
        }
        double[] pixels = {1, 1, 1};
        for (int axis = 0; axis < grid.dimension(); axis++) {
            pixels[axis] = grid.spacing(axis) / smallest;
        }
        return pixels;
    }
}
