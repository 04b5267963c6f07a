package org.attunet.metrics;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * The volume of one label in a mask.
 *
 * @param value the label's value in the mask
 * @param name the label's name
 * @param voxels the number of voxels with that value
 * @param millilitres voxels times a voxel's volume; null for 2D images and images without a physical size
 * @param squareMillimetres pixels times a pixel's area; null for volumes and images without a physical size
 */
public record LabelVolume(
        int value,
        String name,
        long voxels,
        @Nullable Double millilitres,
        @Nullable Double squareMillimetres) {

    /** The volumes of all labels, including those without voxels, in the order of their values. */
    public static List<LabelVolume> of(LabelMap mask, LabelSet labels) {
        long[] counts = new long[65536];
        for (short voxel : mask.voxels()) {
            counts[Short.toUnsignedInt(voxel)]++;
        }
        Grid grid = mask.grid();
        boolean volume = grid.hasPhysicalSize() && grid.dimension() == 3;
        boolean area = grid.hasPhysicalSize() && grid.dimension() == 2;
        List<LabelVolume> volumes = new ArrayList<>();
        labels.asMap()
                .forEach((value, name) -> volumes.add(new LabelVolume(
                        value,
                        name,
                        counts[value],
                        volume ? (Double) (counts[value] * (grid.voxelVolume() / 1000)) : null,
                        area ? (Double) (counts[value] * grid.voxelVolume()) : null)));
        return volumes;
    }
}
