package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;

/** The images that MONAI Label's clients know by ids, with the labels that they save: a data set, or studies of a PACS. */
interface ImageSource {
    /** Adds the routes of {@code /datastore/}. */
    void addTo(RoutesConfig routes);

    /** Returns the labels that masks may hold. */
    LabelSet labels();

    /**
     * Returns an image, or throws 404.
     *
     * @param series whether as the slices of a DICOM series, if it is one; else as a volume in the order of the slices' voxels
     * @param folder a folder of the request, for files that are fetched
     */
    ImageCase image(String id, boolean series, Path folder);

    /** Returns the number of images, of images with a final label, and of labels by tag. */
    ObjectNode stats();

    /** Returns what clients are told of each image without a final label. */
    List<ObjectNode> unlabelled();
}
