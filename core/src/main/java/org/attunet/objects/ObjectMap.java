package org.attunet.objects;

import java.util.Objects;
import java.util.function.IntPredicate;
import org.attunet.error.Interruption;
import org.attunet.image.Components;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * The objects of one kind in an image (instances): each voxel has the number of the object that it belongs to, 0 for none.
 * An object need not be in one piece. Numbers may have gaps. The array is shared, not copied, and must not change afterwards.
 *
 * @param grid the lattice of the voxels
 * @param numbers one number per voxel in the grid's order (x fastest), 0 or above
 */
public record ObjectMap(Grid grid, int[] numbers) {
    /**
     * Checks the components.
     *
     * @param grid the lattice of the voxels
     * @param numbers one number per voxel in the grid's order (x fastest), 0 or above
     */
    public ObjectMap {
        Objects.requireNonNull(grid, "the grid must not be null");
        Objects.requireNonNull(numbers, "the numbers must not be null");
        if (numbers.length != grid.voxels()) {
            throw new IllegalArgumentException(numbers.length + " numbers for " + grid.voxels() + " voxels");
        }
        for (int number : numbers) {
            if (number < 0) {
                throw new IllegalArgumentException("the object number " + number + " is below 0");
            }
        }
    }

    /**
     * {@return the connected components of a mask as objects, numbered in reading order: that of their first voxels}
     *
     * @param mask the mask
     * @param wanted the label values that belong to objects
     * @param corners whether voxels that share only an edge or a corner are connected: 8 neighbours in 2D and 26 in 3D;
     *     otherwise 4 and 6
     */
    public static ObjectMap ofComponents(LabelMap mask, IntPredicate wanted, boolean corners) {
        Components components = corners ? Components.throughCorners(mask, wanted) : Components.of(mask, wanted);
        int[] numbers = new int[mask.voxels().length];
        int count = 0;
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            int first = components.at(i);
            if (first >= 0) {
                numbers[i] = first == i ? ++count : numbers[first];
            }
        }
        return new ObjectMap(mask.grid(), numbers);
    }

    /** {@return the largest number, 0 without objects; the count of objects if the numbers have no gaps} */
    public int largest() {
        int largest = 0;
        for (int number : numbers) {
            largest = Math.max(largest, number);
        }
        return largest;
    }

    /** {@return the same objects with the numbers 1, 2, … in reading order: that of their first voxels} */
    public ObjectMap inReadingOrder() {
        return inReadingOrder(1);
    }

    /**
     * {@return the objects of some size with the numbers 1, 2, … in reading order: that of their first voxels}
     *
     * @param smallest the fewest voxels of an object that stays
     */
    public ObjectMap inReadingOrder(int smallest) {
        ObjectNumbers found = ObjectNumbers.of(this);
        int[] voxels = found.voxels(this);
        int[] renumbered = new int[found.count()];
        int[] result = new int[numbers.length];
        int count = 0;
        int place = 0;
        for (int i = 0; i < result.length; i++) {
            Interruption.check(i);
            if (numbers[i] != 0) {
                place = i > 0 && numbers[i] == numbers[i - 1] ? place : found.place(numbers[i]);
                if (renumbered[place] == 0 && voxels[place] >= smallest) {
                    renumbered[place] = ++count;
                }
                result[i] = renumbered[place];
            }
        }
        return new ObjectMap(grid, result);
    }
}
