package org.attunet.objects;

import java.util.function.IntPredicate;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.VoxelLoop;

/**
 * Splits the connected parts of a mask into objects by their shape: each part is cut where it is narrower than on both sides.
 *
 * <p>The depth of a voxel is its distance to the nearest voxel outside the mask; the image's edge is not outside. Each maximum
 * of the depth is an object if it rises enough above the narrowest place on the way to a deeper one; the rest of
 * the mask goes to the maximum that it rises to. A maximum must rise by a number of pixels and by a share of its own
 * depth, so that neither the steps of the grid nor the uneven outline of a large object split it.
 *
 * <p>Depths count in steps of 1/16 pixel, to 4095 pixels.
 *
 * @param pixels the least rise in pixels (of the axis with the smallest spacing), 0 or above
 * @param share the least rise as a share of the maximum's depth, 0 to 1; with 1 nothing is split
 * @param smallest the fewest voxels of an object, 1 or more; smaller ones are left out
 */
public record DistanceSplit(double pixels, double share, int smallest) {
    private static final int STEPS = 16; // per pixel

    /** What suits nuclei in microscopy. */
    public static final DistanceSplit STANDARD = new DistanceSplit(1, 0.1, 1);

    /**
     * Checks the settings.
     *
     * @param pixels the least rise in pixels (of the axis with the smallest spacing), 0 or above
     * @param share the least rise as a share of the maximum's depth, 0 to 1; with 1 nothing is split
     * @param smallest the fewest voxels of an object, 1 or more; smaller ones are left out
     */
    public DistanceSplit {
        ConfigException.check(
                pixels >= 0 && pixels < Double.POSITIVE_INFINITY, "least rise", pixels, "a number of pixels from 0");
        ConfigException.check(share >= 0 && share <= 1, "least share", share, "a number from 0 to 1");
        ConfigException.check(smallest >= 1, "smallest object", smallest, "a whole number of voxels from 1");
    }

    /**
     * Splits a mask.
     *
     * @param mask the mask
     * @param wanted the label values that belong to objects
     * @return the objects, numbered 1, 2, … in reading order, each in one piece
     */
    public ObjectMap split(LabelMap mask, IntPredicate wanted) {
        LabelMap depths = depths(mask, wanted);
        int[] basins = Basins.of(depths, peak -> Math.max(1, Math.max(pixels * STEPS, share * peak)));
        return new ObjectMap(mask.grid(), basins).inReadingOrder(smallest);
    }

    private static LabelMap depths(LabelMap mask, IntPredicate wanted) {
        int[] inside = new int[mask.voxels().length];
        for (int i = 0; i < inside.length; i++) {
            inside[i] = wanted.test(mask.label(i)) ? 1 : 0;
        }
        double[] squared = Depths.squared(new ObjectMap(mask.grid(), inside));
        short[] depths = new short[inside.length];
        VoxelLoop.parallel(depths.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                depths[i] = (short) Math.min(0xFFFF, Math.ceil(Math.sqrt(squared[i]) * STEPS));
            }
        });
        return new LabelMap(mask.grid(), depths);
    }
}
