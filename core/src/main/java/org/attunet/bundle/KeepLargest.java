package org.attunet.bundle;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.ConfigException;

/**
 * Which parts of a mask are reduced to their largest connected component; voxels of the other components become
 * background. Components are connected by faces.
 *
 * @param union whether the largest component of all labels together is kept first
 * @param labels the values of the labels that are then reduced one by one, ascending
 * @serial exclude
 */
public record KeepLargest(boolean union, List<Integer> labels) implements Serializable {
    /** Keeps all components. */
    public static final KeepLargest NONE = new KeepLargest(false, List.of());

    /**
     * Checks the components.
     *
     * @param union whether the largest component of all labels together is kept first
     * @param labels the values of the labels that are then reduced one by one, ascending
     */
    public KeepLargest {
        labels = labels.stream().sorted().distinct().toList();
        for (int label : labels) {
            if (label < 1 || label > 65535) {
                throw new ConfigException("keep largest", label, "values of labels from 1 to 65535");
            }
        }
    }

    /** {@return whether all components are kept} */
    public boolean none() {
        return !union && labels.isEmpty();
    }

    /**
     * {@return a copy with one more label}
     *
     * @param label its value
     */
    public KeepLargest and(int label) {
        List<Integer> more = new ArrayList<>(labels);
        more.add(label);
        return new KeepLargest(union, more);
    }
}
