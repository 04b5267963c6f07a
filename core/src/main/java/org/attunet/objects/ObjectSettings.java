package org.attunet.objects;

import org.attunet.error.ConfigException;

/**
 * How objects are found in what a network predicts. The thresholds are chosen on validation cases.
 *
 * @param foreground the probability from which a voxel belongs to an object, above 0 to 1
 * @param seed the energy from which voxels are an object's seed, above 0
 * @param smallest the fewest voxels of an object, 1 or more; smaller ones are left out
 * @param unseeded whether parts of the foreground without a seed are objects too
 */
public record ObjectSettings(double foreground, double seed, int smallest, boolean unseeded) {
    /**
     * Checks the settings.
     *
     * @param foreground the probability from which a voxel belongs to an object, above 0 to 1
     * @param seed the energy from which voxels are an object's seed, above 0
     * @param smallest the fewest voxels of an object, 1 or more; smaller ones are left out
     * @param unseeded whether parts of the foreground without a seed are objects too
     */
    public ObjectSettings {
        ConfigException.check(
                foreground > 0 && foreground <= 1, "foreground threshold", foreground, "a number above 0, at most 1");
        ConfigException.check(
                seed > 0 && seed <= ObjectFinder.MOST_ENERGY,
                "seed threshold",
                seed,
                "a number above 0, at most " + ObjectFinder.MOST_ENERGY);
        ConfigException.check(smallest >= 1, "smallest object", smallest, "a whole number of voxels from 1");
    }
}
