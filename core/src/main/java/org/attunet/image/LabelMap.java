package org.attunet.image;

import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One label per voxel, 0 for the background. Labels are whole numbers from 0 to 65535, stored as unsigned 16-bit values. The
 * array is shared, not copied, and must not change afterwards.
 *
 * @param grid the lattice of the voxels
 * @param voxels one value per voxel in the grid's order (x fastest), unsigned: see {@link #label}
 */
public record LabelMap(Grid grid, short[] voxels) {
    /**
     * Checks the components.
     *
     * @param grid the lattice of the voxels
     * @param voxels one value per voxel in the grid's order (x fastest), unsigned: see {@link #label}
     */
    public LabelMap {
        Objects.requireNonNull(grid, "the grid must not be null");
        Objects.requireNonNull(voxels, "the voxels must not be null");
        grid.requireLength("label map", voxels.length);
    }

    /**
     * {@return the label of the voxel at an index, 0 to 65535}
     *
     * @param index the index of the voxel in the grid's order
     */
    public int label(int index) {
        return Short.toUnsignedInt(voxels[index]);
    }

    /**
     * {@return one slice of a volume, a copy}
     *
     * @param axis the axis across the slice, 0 (x) to 2 (z)
     * @param index the slice's position on that axis, from 0
     */
    public LabelMap slice(int axis, int index) {
        Grid plane = grid.slice(axis, index);
        short[] values = new short[plane.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = voxels[grid.voxelOfSlice(axis, index, i)];
        }
        return new LabelMap(plane, values);
    }

    /** {@return the labels other than 0, ascending} */
    public SortedSet<Integer> values() {
        boolean[] seen = new boolean[1 << 16];
        for (short v : voxels) {
            seen[Short.toUnsignedInt(v)] = true;
        }
        var values = new TreeSet<Integer>();
        for (int v = 1; v < seen.length; v++) {
            if (seen[v]) {
                values.add(v);
            }
        }
        return values;
    }

    /** {@return the largest label, 0 if all voxels are background} */
    public int largest() {
        int largest = 0;
        for (short v : voxels) {
            largest = Math.max(largest, Short.toUnsignedInt(v));
        }
        return largest;
    }
}
