package org.attunet.imagej;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelMap;

/** The planes of a frame. */
final class Planes {
    private Planes() {}

    /** The slices of a mask, each in 2D; a flat mask is the only one. */
    static List<LabelMap> of(LabelMap frame) {
        if (frame.grid().dimension() == 2) {
            return List.of(frame);
        }
        List<LabelMap> planes = new ArrayList<>();
        for (int slice = 0; slice < frame.grid().size(2); slice++) {
            planes.add(frame.slice(2, slice));
        }
        return planes;
    }
}
