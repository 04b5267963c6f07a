package org.attunet.predict;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.attunet.bundle.KeepLargest;
import org.attunet.error.Interruption;
import org.attunet.image.Components;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * Removes all but the largest connected component of labels, by number of voxels; among equals, the first in voxel order
 * stays. Networks that see patches only find lookalikes far from the one true organ.
 */
public final class LargestComponent {
    private LargestComponent() {}

    /**
     * {@return a copy without the smaller components, or the map itself if all components are kept}
     *
     * @param map the mask, of labels that exclude each other
     * @param what what is kept
     */
    public static LabelMap keep(LabelMap map, KeepLargest what) {
        LabelMap kept = map;
        if (what.union()) {
            kept = keep(kept, value -> value != 0, value -> 0);
        }
        for (int label : what.labels()) {
            kept = keep(kept, value -> value == label, value -> 0);
        }
        return kept;
    }

    /**
     * {@return a copy without the smaller components of labels that may overlap, each of all values that it covers; voxels
     * stay in other labels if {@linkplain LabelSet#without a value says so}}
     *
     * @param map the mask
     * @param labels its labels
     * @param what what is kept
     */
    public static LabelMap keep(LabelMap map, LabelSet labels, KeepLargest what) {
        if (!labels.hasRegions()) {
            return keep(map, what);
        }
        LabelMap kept = keep(map, new KeepLargest(what.union(), List.of()));
        for (int label : what.labels()) {
            boolean[] covered = labels.covered(label);
            kept = keep(kept, value -> covered[value], value -> labels.without(value, label));
        }
        return kept;
    }

    private static LabelMap keep(LabelMap map, IntPredicate selected, IntUnaryOperator removed) {
        Components components = Components.of(map, selected);
        int largest = components.largest();
        short[] voxels = map.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            Interruption.check(i);
            if (components.at(i) >= 0 && components.at(i) != largest) {
                voxels[i] = (short) removed.applyAsInt(map.label(i));
            }
        }
        return new LabelMap(map.grid(), voxels);
    }
}
