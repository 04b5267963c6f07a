package org.attunet.predict;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * The result for one image, all of it on the image's own grid.
 *
 * @param labels one label value per voxel, as the model's label set declares them
 * @param probabilities one channel for each output of the network (the label alone, or the background and each label in
 *     the order of the label set), from 0 to 1; null where they were not asked for
 * @param attention gate to its map, from 0 (skip connection shut) to 1 (open), one channel for each of the gate's maps,
 *     in the network's order; empty where the maps were not asked for or the network has no gates
 */
public record Segmentation(LabelMap labels, @Nullable Image probabilities, Map<String, Image> attention) {
    /** Copies the map; its order stays. */
    public Segmentation {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }
}
