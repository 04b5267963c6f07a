package org.attunet.objects;

import org.attunet.image.LabelMap;

/**
 * What a network learns in order to tell touching objects apart: a label map with one small value per voxel, made from the
 * objects. Lengths are in pixels, of the axis with the smallest spacing; other axes count as many as their spacing has.
 */
public sealed interface ObjectTarget permits EnergyLevels, BorderClasses {
    /**
     * {@return the target on the objects' grid, with values from 0, the background, to {@link #values} - 1}
     *
     * @param objects the true objects
     */
    LabelMap of(ObjectMap objects);

    /** {@return how many values there are, with the background} */
    int values();
}
