package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** The structures that were painted onto the voxels of a grid, one in each: where several overlap, that of the highest number. */
final class Painting {
    private final short[] owners; // the number of the structure in each voxel, 0 for none
    private final Map<Long, Integer> overlaps = new TreeMap<>(); // voxels of a lower and a higher number
    private long painted;
    private long outside;

    Painting(int voxels) {
        owners = new short[voxels];
    }

    /**
     * Paints a voxel.
     *
     * @param voxel its index; below 0 if it lies outside the grid
     * @param number the structure's, 1 to 65535
     */
    void paint(int voxel, int number) {
        if (voxel < 0) {
            outside++;
            return;
        }
        painted++;
        int before = Short.toUnsignedInt(owners[voxel]);
        if (before != 0 && before != number) {
            overlaps.merge((long) Math.min(before, number) << 16 | Math.max(before, number), 1, Integer::sum);
        }
        owners[voxel] = (short) Math.max(before, number);
    }

    /** Paints a voxel whatever it was before. */
    void replace(int voxel, int number) {
        painted++;
        owners[voxel] = (short) number;
    }

    long painted() {
        return painted;
    }

    long outside() {
        return outside;
    }

    /** Returns what the user should know: which structures overlap, and what lies outside. */
    List<String> notes(IntFunction<String> names) {
        List<String> notes = new ArrayList<>();
        overlaps.forEach((pair, count) -> {
            String last = names.apply((int) (pair & 0xFFFF));
            notes.add(names.apply((int) (pair >> 16)) + " and " + last + " overlap in " + count
                    + (count == 1 ? " voxel, which belongs" : " voxels, which belong") + " to " + last
                    + " in the mask, since a voxel has one label");
        });
        if (outside > 0) {
            notes.add(outside + (outside == 1 ? " voxel lies" : " voxels lie") + " outside the series and "
                    + (outside == 1 ? "is" : "are") + " left out");
        }
        return notes;
    }

    /** Returns the label of each voxel, by the structures' numbers. */
    short[] labels(Map<Integer, Integer> values) {
        short[] table = new short[1 << 16];
        values.forEach((number, value) -> table[number] = value.shortValue());
        for (int i = 0; i < owners.length; i++) {
            owners[i] = table[Short.toUnsignedInt(owners[i])];
        }
        return owners;
    }
}
