package org.attunet.predict;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;

/** Follows the prediction of a folder's images; called by the predicting thread. */
public interface PredictionListener {
    /** A listener that does nothing. */
    PredictionListener NONE = new PredictionListener() {};

    /**
     * Called before an image is computed, unless it can't be read.
     *
     * @param name the image's name without its suffix
     * @param plan the tiles and the memory that they take
     */
    default void planned(String name, TilePlan plan) {}

    /**
     * Called while images are computed, many times for each.
     *
     * @param share the share of all images that is done, ever greater, 0 to 1
     */
    default void progress(double share) {}

    /**
     * Called after each image.
     *
     * @param image its result
     * @param done the number of images so far, this one included
     * @param total the number of all images
     */
    default void done(CasePrediction image, int done, int total) {}

    /**
     * Called once after all images if files such as an earlier prediction writes lie beside the new masks, which they may
     * not fit.
     *
     * @param files tables, outlines, selections and pictures that this prediction hasn't written
     */
    default void leftover(List<Path> files) {}

    /**
     * Called if a table or page of all images can't be written, such as on a full disk; the masks are done.
     *
     * @param error why
     */
    default void unwritten(AttunetException error) {}
}
