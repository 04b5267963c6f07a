package org.attunet.train;

import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/** Receives the true and the predicted mask of each case that an evaluation measures, one after another. */
@FunctionalInterface
public interface PairListener {
    /** Does nothing. */
    PairListener NONE = (caseName, truth, prediction, labels) -> {};

    /**
     * A case was measured.
     *
     * @param truth the true mask
     * @param prediction the predicted one on the same grid
     * @param labels of both
     */
    void measured(String caseName, LabelMap truth, LabelMap prediction, LabelSet labels);
}
