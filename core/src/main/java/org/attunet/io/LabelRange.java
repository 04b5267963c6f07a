package org.attunet.io;

import org.attunet.image.LabelMap;

/** The range of a label map's values, which decides how many bits a file needs for each. */
public final class LabelRange {
    private LabelRange() {}

    /** The largest label, 0 where all is background. */
    public static int largest(LabelMap labels) {
        int largest = 0;
        for (short v : labels.voxels()) {
            largest = Math.max(largest, Short.toUnsignedInt(v));
        }
        return largest;
    }
}
