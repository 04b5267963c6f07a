package org.attunet.imagej;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/** The planes of a frame. */
final class Planes {
    private Planes() {}

    /** The slices of a mask, each in 2D; a flat mask is the only one. */
    static List<LabelMap> of(LabelMap frame) {
        Grid grid = frame.grid();
        int plane = grid.size(0) * grid.size(1);
        List<LabelMap> planes = new ArrayList<>();
        for (int from = 0; from < frame.voxels().length; from += plane) {
            short[] voxels = Arrays.copyOfRange(frame.voxels(), from, from + plane);
            planes.add(new LabelMap(Grid.ofPixels(grid.size(0), grid.size(1)), voxels));
        }
        return planes;
    }
}
