package org.attunet.objects;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.error.ConfigException;
import org.attunet.error.Interruption;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * What a network learns in order to tell touching objects apart: the depth of each voxel within its object, in a few levels (a
 * quantised energy). 0 is the background, 1 the object's rim, and each further level lies within the one before. Touching
 * objects are apart on all levels but the first, so that the connected components of a deep level are one seed for each
 * object, from which a watershed finds the objects again. Lengths are in pixels of the axis with the smallest spacing; other
 * axes count as many as their spacing has.
 *
 * <p>The depth of a voxel is its distance to the nearest voxel that isn't its object's, background or neighbour. The image's
 * edge is no boundary: an object that it cuts is as deep there as if it went on. An object that fills the image is on the
 * deepest level throughout.
 *
 * <p>The deepest voxels of an object, and those less than a quarter of a pixel less deep, are on the deepest level however
 * small it is, so each object has a seed. An object in several pieces or with a waist may have several, and two touching
 * objects so thin that all their voxels are the deepest have one together. After M. Bai and R. Urtasun, "Deep Watershed
 * Transform for Instance Segmentation", CVPR 2017, whose levels are absolute distances.
 *
 * @param steps where the levels from 2 on begin, outermost first
 */
public record EnergyLevels(List<Step> steps) {
    /** Pixels; the grid leaves the deepest voxels of one object apart by less. */
    private static final double NEARLY_DEEPEST = 0.25;

    private static final int MOST_STEPS = 15;

    /**
     * The beginning of a level: voxels are on it if their depth is above a share of their object's greatest depth, kept
     * between two lengths.
     *
     * @param share of the object's greatest depth, 0 to below 1
     * @param least pixels; a depth must be above this
     * @param most pixels; a depth above this is enough, whatever the share says; infinite if there is no such limit
     */
    public record Step(double share, double least, double most) {
        /**
         * Checks the components.
         *
         * @param share of the object's greatest depth, 0 to below 1
         * @param least pixels; a depth must be above this
         * @param most pixels; a depth above this is enough, whatever the share says; infinite if there is no such limit
         */
        public Step {
            ConfigException.check(share >= 0 && share < 1, "share", share, "a number from 0 to below 1");
            ConfigException.check(
                    least >= 0 && least < Double.POSITIVE_INFINITY, "least depth", least, "a number of pixels from 0");
            ConfigException.check(most >= least, "most depth", most, "a number of pixels from " + least);
        }

        double depth(double greatest) {
            return Math.min(most, Math.max(least, share * greatest));
        }
    }

    /**
     * Checks that levels lie within each other.
     *
     * @param steps where the levels from 2 on begin, outermost first
     */
    public EnergyLevels {
        steps = List.copyOf(steps);
        ConfigException.check(
                !steps.isEmpty() && steps.size() <= MOST_STEPS, "levels", steps.size() + 1, "a number from 2 to 16");
        for (int k = 1; k < steps.size(); k++) {
            Step outer = steps.get(k - 1);
            Step inner = steps.get(k);
            ConfigException.check(
                    inner.share >= outer.share && inner.least >= outer.least && inner.most >= outer.most,
                    "level " + (k + 2),
                    inner,
                    "a step that begins no earlier than that of the level before");
        }
    }

    /** {@return three levels: the rim, from above 30 % and from above 60 % of the depth, with limits for small and large objects} */
    public static EnergyLevels standard() {
        return new EnergyLevels(List.of(new Step(0.3, 1.5, 4), new Step(0.6, 2.5, 10)));
    }

    /** {@return how many values there are, with the background} */
    public int values() {
        return steps.size() + 2;
    }

    /**
     * {@return the levels as labels that nest: the objects with all of their voxels, and for each level from 2 on what is at
     * least as deep}
     */
    public LabelSet labels() {
        List<LabelSet.Region> regions = new ArrayList<>();
        for (int level = 1; level < values(); level++) {
            Set<Integer> covers = IntStream.range(level, values()).boxed().collect(Collectors.toSet());
            regions.add(new LabelSet.Region(level, level == 1 ? "object" : "object, level " + level, covers));
        }
        return LabelSet.regions(regions);
    }

    /**
     * {@return the levels on the objects' grid, 0 (the background) to {@link #values} - 1}
     *
     * @param objects the true objects
     */
    public LabelMap of(ObjectMap objects) {
        int[] numbers = objects.numbers();
        var depths = new Depths(objects);
        double[] begins = begins(depths.deepest());
        short[] levels = new short[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            if (numbers[i] != 0) {
                int first = depths.place(i) * steps.size();
                short level = 1;
                while (level <= steps.size() && depths.squared(i) >= begins[first + level - 1]) {
                    level++;
                }
                levels[i] = level;
            }
        }
        return new LabelMap(objects.grid(), levels);
    }

    /** The squared depths from which each object's levels begin; its deepest voxels are on all of them. */
    private double[] begins(double[] deepest) {
        double[] begins = new double[deepest.length * steps.size()];
        for (int place = 0; place < deepest.length; place++) {
            double least = Math.sqrt(deepest[place]) - NEARLY_DEEPEST;
            for (int k = 0; k < steps.size(); k++) {
                double depth = steps.get(k).depth(Math.sqrt(deepest[place]));
                double above = depth * depth * (1 + 2 * Depths.ROUNDING);
                begins[place * steps.size() + k] = Math.min(above, least * least);
            }
        }
        return begins;
    }
}
