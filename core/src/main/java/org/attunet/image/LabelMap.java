package org.attunet.image;

import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One label per voxel, 0 for the background. Labels are whole numbers from 0 to 65535, stored as unsigned 16-bit values. The
 * array is shared, not copied, and must not change afterwards.
 *
 * <p>A true mask may leave voxels without a judgement, as the label {@code ignore} of nnU-Net does; nothing is learnt from
 * them or measured in them.
 *
 * @param grid the lattice of the voxels
 * @param voxels one value per voxel in the grid's order (x fastest), unsigned: see {@link #label}
 * @param ignored the value of the voxels without a judgement, 1 to 65535; {@value #NONE} if all are judged
 */
public record LabelMap(Grid grid, short[] voxels, int ignored) {
    /** The ignored value of a map whose voxels are all judged. */
    public static final int NONE = -1;

    /**
     * Checks the components.
     *
     * @param grid the lattice of the voxels
     * @param voxels one value per voxel in the grid's order (x fastest), unsigned: see {@link #label}
     * @param ignored the value of the voxels without a judgement, 1 to 65535; {@value #NONE} if all are judged
     */
    public LabelMap {
        Objects.requireNonNull(grid, "the grid must not be null");
        Objects.requireNonNull(voxels, "the voxels must not be null");
        grid.requireLength("label map", voxels.length);
    }

    /**
     * A map whose voxels are all judged.
     *
     * @param grid the lattice of the voxels
     * @param voxels one value per voxel in the grid's order (x fastest), unsigned: see {@link #label}
     */
    public LabelMap(Grid grid, short[] voxels) {
        this(grid, voxels, NONE);
    }

    /**
     * {@return other voxels with the same ignored value}
     *
     * @param other the lattice of the voxels
     * @param values one value per voxel
     */
    public LabelMap with(Grid other, short[] values) {
        return new LabelMap(other, values, ignored);
    }

    /** {@return the labels that are known, with the background in place of voxels without a judgement} */
    public LabelMap known() {
        if (ignored == NONE) {
            return this;
        }
        short[] values = voxels.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = isJudged(i) ? values[i] : 0;
        }
        return new LabelMap(grid, values);
    }

    /**
     * {@return whether the truth of the voxel at an index is known}
     *
     * @param index the index of the voxel in the grid's order
     */
    public boolean isJudged(int index) {
        return Short.toUnsignedInt(voxels[index]) != ignored;
    }

    /** {@return the number of voxels whose truth is known} */
    public int judged() {
        if (ignored == NONE) {
            return voxels.length;
        }
        int count = 0;
        for (short v : voxels) {
            count += Short.toUnsignedInt(v) == ignored ? 0 : 1;
        }
        return count;
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
        return with(plane, values);
    }

    /** {@return the labels other than 0 and the ignored value, ascending} */
    public SortedSet<Integer> values() {
        boolean[] seen = new boolean[1 << 16];
        for (short v : voxels) {
            seen[Short.toUnsignedInt(v)] = true;
        }
        var values = new TreeSet<Integer>();
        for (int v = 1; v < seen.length; v++) {
            if (seen[v] && v != ignored) {
                values.add(v);
            }
        }
        return values;
    }

    /** {@return the largest value, the ignored one included; 0 if all voxels are background} */
    public int largest() {
        int largest = 0;
        for (short v : voxels) {
            largest = Math.max(largest, Short.toUnsignedInt(v));
        }
        return largest;
    }
}
