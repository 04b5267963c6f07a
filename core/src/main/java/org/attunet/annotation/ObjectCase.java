package org.attunet.annotation;

import java.nio.file.Path;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.io.ImageCase;

/**
 * An image whose objects were annotated.
 *
 * @param image with an id that is unique in its data set
 * @param source where its objects are
 */
public record ObjectCase(ImageCase image, ObjectSource source) {
    /**
     * Checks the components.
     *
     * @param image with an id that is unique in its data set
     * @param source where its objects are
     */
    public ObjectCase {
        Objects.requireNonNull(image, "the image must not be null");
        Objects.requireNonNull(source, "the source must not be null");
    }

    /** {@return the image's id} */
    public String id() {
        return image.id();
    }

    /** {@return the file of the first channel} */
    public Path firstFile() {
        return image.files().get(0);
    }

    /**
     * Reads the objects.
     *
     * @param grid the image's, as read
     * @return the objects on this grid
     * @throws AttunetException if a file is damaged, or its objects belong to an image of another size or place
     */
    public AnnotatedObjects read(Grid grid) {
        return source.read(firstFile(), grid);
    }
}
