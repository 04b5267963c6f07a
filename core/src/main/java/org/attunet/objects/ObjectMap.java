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
    }

    /** {@return the largest number, 0 without objects; the count of objects if the numbers have no gaps} */
    public int largest() {
        int largest = 0;
        for (int number : numbers) {
            largest = Math.max(largest, number);
        }
        return largest;
    }
}
