package org.attunet.objects;

import org.attunet.error.Interruption;
import org.attunet.image.Components;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.VoxelLoop;

/**
 * Finds objects in what a network predicts: a probability of the foreground and an energy, which is higher the deeper a voxel
 * lies within its object, such as the sum of the probabilities of {@link EnergyLevels}.
 *
 * <p>Voxels whose probability reaches a threshold are the foreground; connected voxels of the foreground whose energy reaches
 * another are a seed each, connected also through edges and corners; seeds grow by a {@link Watershed} on the energy until
 * they fill the foreground that they are connected with, through faces. The energy counts in steps of 1/256, so differences below matter only where they cross a
 * step.
 */
public final class ObjectFinder {
    /** The largest energy that counts; what is above counts as this. */
    static final int MOST_ENERGY = 255;

    private static final int STEPS = 256; // of the energy per unit

    private final Grid grid;
    private final float[] foreground;
    private final ObjectSettings settings;

    private ObjectFinder(Grid grid, float[] foreground, ObjectSettings settings) {
        this.grid = grid;
        this.foreground = foreground;
        this.settings = settings;
    }

    /**
     * Finds all objects.
     *
     * @param grid the lattice of the voxels
     * @param foreground the probability of each voxel that it belongs to any object, 0 to 1; NaN is no foreground
     * @param energy of each voxel, from 0; only that of the foreground matters
     * @param settings the thresholds
     * @return the objects, none if no voxel is foreground
     */
    public static FoundObjects find(Grid grid, float[] foreground, float[] energy, ObjectSettings settings) {
        if (foreground.length != grid.voxels() || energy.length != grid.voxels()) {
            throw new IllegalArgumentException(
                    foreground.length + " probabilities and " + energy.length + " energies for " + grid);
        }
        var finder = new ObjectFinder(grid, foreground, settings);
        LabelMap heights = finder.heights(energy);
        int lowest = 1 + (int) Math.round(settings.seed() * STEPS);
        int[] numbers = Watershed.flood(
                heights, finder.numbers(Components.throughCorners(heights, height -> height >= lowest)));
        if (settings.unseeded()) {
            finder.addUnseeded(heights, numbers);
        }
        return finder.finished(numbers);
    }

    /** The energy in steps, 1 for none, on the foreground; 0 elsewhere. */
    private LabelMap heights(float[] energy) {
        short[] heights = new short[energy.length];
        VoxelLoop.parallel(heights.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                if (foreground[i] >= settings.foreground()) {
                    double steps = Math.max(0, Math.min(MOST_ENERGY, energy[i])) * STEPS; // NaN becomes 0 below
                    heights[i] = (short) (1 + Math.round(steps));
                }
            }
        });
        return new LabelMap(grid, heights);
    }

    /** Of each voxel of a component the index of the component's first voxel, + 1; 0 elsewhere. */
    private int[] numbers(Components components) {
        int[] numbers = new int[foreground.length];
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            numbers[i] = components.at(i) + 1;
        }
        return numbers;
    }

    /** Makes what the seeds didn't reach objects of their own; those can't touch an object, or it would have reached them. */
    private void addUnseeded(LabelMap heights, int[] numbers) {
        int[] parts = numbers(Components.of(heights, height -> height > 0));
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            if (numbers[i] == 0) {
                numbers[i] = parts[i];
            }
        }
    }

    /** Leaves small objects out, numbers the rest in reading order and measures their confidence. */
    private FoundObjects finished(int[] numbers) {
        ObjectMap map = new ObjectMap(grid, numbers).inReadingOrder(settings.smallest());
        double[] confidence = new double[map.largest()];
        int[] voxels = new int[confidence.length];
        for (int i = 0; i < numbers.length; i++) {
            int number = map.numbers()[i];
            if (number > 0) {
                confidence[number - 1] += foreground[i];
                voxels[number - 1]++;
            }
        }
        for (int k = 0; k < confidence.length; k++) {
            confidence[k] /= voxels[k];
        }
        return new FoundObjects(map, confidence);
    }
}
