package org.attunet.image;

import org.attunet.error.AttunetException;

/**
 * One label per voxel, 0 for the background. Labels are whole numbers from 0 to 65535, held as unsigned 16-bit values.
 *
 * <p>The array is shared, not copied: whoever makes a label map hands it over and changes it no more.
 *
 * @param grid where the voxels lie
 * @param voxels one value per voxel in the grid's order (x fastest), to be read through {@link #label}
 */
public record LabelMap(Grid grid, short[] voxels) {
    /** Checks that there is one label per voxel. */
    public LabelMap {
        if (voxels.length != grid.voxels()) {
            throw new AttunetException(
                    "label map",
                    voxels.length + " values",
                    grid.voxels() + " values for " + grid,
                    "check how it was read");
        }
    }

    /** The label of the voxel at an index, 0 to 65535. */
    public int label(int index) {
        return Short.toUnsignedInt(voxels[index]);
    }
}
