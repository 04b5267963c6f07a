package org.attunet.predict;

import java.util.function.IntPredicate;
import org.attunet.bundle.KeepLargest;
import org.attunet.image.Components;
import org.attunet.image.LabelMap;

/**
 * The largest connected component of labels, by number of voxels; of equal ones the first in the order of the voxels stays.
 * Networks that look at patches find lookalikes far from an organ of which there is one.
 */
public final class LargestComponent {
    private LargestComponent() {}

    /** A copy with the smaller components removed; the map itself where nothing is to be. */
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

    private static LabelMap keep(LabelMap map, IntPredicate wanted) {
        Components components = Components.of(map, wanted);
        int largest = components.largest();
        short[] voxels = map.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            if (components.at(i) >= 0 && components.at(i) != largest) {
                voxels[i] = 0;
            }
        }
        return new LabelMap(map.grid(), voxels);
    }
}
