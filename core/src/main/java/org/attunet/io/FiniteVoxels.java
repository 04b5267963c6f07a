package org.attunet.io;

import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;

/** The rule that images contain finite numbers: one NaN would spread over a whole normalised image. */
final class FiniteVoxels {
    private FiniteVoxels() {}

    /** Refuses values that are NaN or infinite, with their count and the first position. */
    static void require(Path file, Grid grid, float[][] channels) {
        long count = 0;
        String first = "";
        for (float[] channel : channels) {
            for (int i = 0; i < channel.length; i++) {
                Interruption.check(i);
                if (!Float.isFinite(channel[i]) && count++ == 0) {
                    first = position(grid, i);
                }
            }
        }
        if (count > 0) {
            throw new AttunetException(
                    file,
                    count + (count == 1 ? " voxel is" : " voxels are") + " NaN or infinite, the first at " + first,
                    "finite numbers",
                    "replace them, for instance by the lowest value of the image");
        }
    }

    private static String position(Grid grid, int index) {
        int x = index % grid.size(0);
        int y = index / grid.size(0) % grid.size(1);
        int z = index / grid.size(0) / grid.size(1);
        return "(" + x + ", " + y + (grid.dimension() == 3 ? ", " + z : "") + ")";
    }
}
