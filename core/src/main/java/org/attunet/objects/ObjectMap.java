package org.attunet.objects;

import java.util.Objects;
import org.attunet.image.Grid;

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
        ObjectNumbers found = ObjectNumbers.of(this);
        int[] renumbered = new int[found.count()];
        int[] result = new int[numbers.length];
        int count = 0;
        int before = 0;
        int now = 0;
        for (int i = 0; i < result.length; i++) {
            int number = numbers[i];
            if (number != before) {
                before = number;
                now = 0;
                if (number != 0) {
                    int place = found.place(number);
                    renumbered[place] = renumbered[place] == 0 ? ++count : renumbered[place];
                    now = renumbered[place];
                }
            }
            result[i] = now;
        }
        return new ObjectMap(grid, result);
    }
}
