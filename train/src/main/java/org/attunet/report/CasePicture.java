package org.attunet.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * A case that a report shows. All grids have the image's size.
 *
 * @param caseName as in the tables
 * @param role why it is shown, such as "best"
 * @param dice its mean Dice; null if unknown or undefined
 * @param image 2D or 3D
 * @param truth the reference mask; null if there is none
 * @param prediction the predicted mask
 * @param attention maps by gate, in the order in which they are shown; values from 0 to 1, averaged over channels
 */
public record CasePicture(
        String caseName,
        String role,
        @Nullable Double dice,
        Image image,
        @Nullable LabelMap truth,
        LabelMap prediction,
        Map<String, Image> attention) {
    /** Copies the map. */
    public CasePicture {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }
}
