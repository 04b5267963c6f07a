package org.attunet.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * A case that a report shows: the image and what lies on it. All grids have the image's size.
 *
 * @param caseName the case, as in the tables
 * @param role why it is shown, such as "best"
 * @param dice its mean Dice; null where it is unknown or undefined
 * @param image 2D or 3D; of a volume the slice with most of truth and prediction is shown
 * @param truth the reference mask, null where there is none
 * @param prediction the predicted mask
 * @param attention gate to attention map, in the order in which they are shown; values from 0 to 1 in one channel (the
 *     mean over channels is shown where there are more)
 */
public record CasePicture(
        String caseName,
        String role,
        @Nullable Double dice,
        Image image,
        @Nullable LabelMap truth,
        LabelMap prediction,
        Map<String, Image> attention) {
    /** Copies the map, its order kept. */
    public CasePicture {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }
}
