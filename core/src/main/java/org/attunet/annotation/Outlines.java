package org.attunet.annotation;

import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/** What files of outlines have in common. */
final class Outlines {
    private Outlines() {}

    /** Refuses volumes: outlines in slices don't say which of them belong to one object. */
    static void requirePlane(Path file, Grid grid) {
        if (grid.size(2) > 1) {
            throw new AttunetException(
                    file,
                    "outlines for a volume of " + grid.size(2) + " slices",
                    "a picture, since outlines don't say which of several slices belong to one object",
                    "save the objects as a label image (TIFF, NIfTI or NRRD)");
        }
    }

    /** Why a file can't be read; some decoders give no reason but the kind of failure. */
    static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
