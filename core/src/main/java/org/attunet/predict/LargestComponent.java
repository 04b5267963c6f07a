package org.attunet.predict;

import java.util.function.IntPredicate;
import org.attunet.bundle.KeepLargest;
import org.attunet.error.Interruption;
import org.attunet.image.Components;
import org.attunet.image.LabelMap;

/**
 * Removes all but the largest connected component of labels, by number of voxels; among equals, the first in voxel order
 * stays. Networks that see patches only find lookalikes far from the one true organ.
 */
public final class LargestComponent {
    private LargestComponent() {}

    /**
     * {@return a copy without the smaller components, or the map itself if all components are kept}
     *
     * @param map the mask
     * @param what what is kept
     */
    public static LabelMap keep(LabelMap map, KeepLargest what) {
        LabelMap kept = map;
        if (what.union()) {
            kept = keep(kept, value -> value != 0);
        }
        for (int label : what.labels()) {
            kept = keep(kept, value -> value == label);
        }
        return kept;
    }

    private static LabelMap keep(LabelMap map, IntPredicate selected) {
        Components components = Components.of(map, selected);
        int largest = components.largest();
        short[] voxels = map.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            Interruption.check(i);
            if (components.at(i) >= 0 && components.at(i) != largest) {
                voxels[i] = 0;
            }
        }
        return new LabelMap(map.grid(), voxels);
    }
}
