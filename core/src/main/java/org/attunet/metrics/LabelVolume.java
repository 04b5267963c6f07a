package org.attunet.metrics;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * The volume of one label in a mask.
 *
 * @param value the label's value in the mask
 * @param name the label's name
 * @param voxels the number of voxels with that value
 * @param millilitres voxels times a voxel's volume; a 2D image counts as a slice of 1 mm. Meaningless if the image has no
 *     physical size, such as a picture
 */
public record LabelVolume(int value, String name, long voxels, double millilitres) {

    /** The volumes of all labels, including those without voxels, in the order of their values. */
    public static List<LabelVolume> of(LabelMap mask, LabelSet labels) {
        long[] counts = new long[65536];
        for (short voxel : mask.voxels()) {
            counts[Short.toUnsignedInt(voxel)]++;
        }
        double voxelMl = mask.grid().voxelVolume() / 1000;
        List<LabelVolume> volumes = new ArrayList<>();
        labels.asMap()
                .forEach((value, name) ->
                        volumes.add(new LabelVolume(value, name, counts[value], counts[value] * voxelMl)));
        return volumes;
    }
}
