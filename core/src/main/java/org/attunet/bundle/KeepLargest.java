package org.attunet.bundle;

import java.io.Serializable;
import java.util.List;
import org.attunet.error.ConfigException;

/**
 * Where a prediction keeps the largest connected component only; voxels of all others become background. Components are
 * joined by faces.
 *
 * @param union whether all labels together are one object, of which the largest component is kept first
 * @param labels the values of the labels of which, each alone, the largest component is kept then; ascending
 */
public record KeepLargest(boolean union, List<Integer> labels) implements Serializable {
    /** Nothing is removed. */
    public static final KeepLargest NONE = new KeepLargest(false, List.of());

    /** Sorts and checks. */
    public KeepLargest {
        labels = labels.stream().sorted().distinct().toList();
        for (int label : labels) {
            if (label < 1 || label > 65535) {
                throw new ConfigException("keep largest", label, "values of labels from 1 to 65535");
            }
        }
    }

    /** Whether nothing is removed. */
    public boolean none() {
        return !union && labels.isEmpty();
    }

    /** A copy with one more label. */
    public KeepLargest and(int label) {
        List<Integer> more = new java.util.ArrayList<>(labels);
        more.add(label);
        return new KeepLargest(union, more);
    }
}
