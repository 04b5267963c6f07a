package org.attunet.annotation;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/** Where the objects of one image are stored, and how. Immutable; may be read by several threads at once. */
public sealed interface ObjectSource permits LabelImage, MaskFiles, CocoObjects, GeoJsonObjects, RoiObjects {
    /** {@return the files that hold the objects, none for an image without; a file may hold those of several images} */
    List<Path> files();

    /**
     * Reads the objects.
     *
     * @param image the image's file, whose header places label images
     * @param grid the image's grid
     * @return the objects on this grid
     * @throws AttunetException if a file is damaged, or its objects belong to an image of another size or place
     */
    AnnotatedObjects read(Path image, Grid grid);
}
