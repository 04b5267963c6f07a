package org.attunet.predict;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * The segmentation of one image, on the image's own grid.
 *
 * <p>The votes on a voxel, which the uncertainty is computed from, are the predictions whose weighted mean its
 * probabilities are: of each model, each mirror image and each blended tile, and of the neighbouring voxels that take part
 * in interpolation if the network works on another grid.
 *
 * @param labels one label value per voxel from the model's label set; the removal of small components does not affect the
 *     other parts
 * @param reliability confidence and warnings
 * @param probabilities one channel for each output of the network (the label alone, or the background and each label in
 *     the order of the label set), from 0 to 1; null if not requested
 * @param attention the map of each gate, from 0 (skip connection shut) to 1 (open), one channel for each of the gate's
 *     maps, in the network's order; empty if not requested or the network has no gates
 * @param entropy the entropy of each voxel's probabilities over the logarithm of the number of classes, from 0 (one class
 *     is certain) to 1 (all classes are equally probable); null if not requested
 * @param mutualInformation the part of the entropy that is disagreement among the votes: the entropy of their mean minus
 *     the mean of their entropies, in the same unit; 0 if all agree. Null if not requested or there is one vote only
 */
public record Segmentation(
        LabelMap labels,
        Reliability reliability,
        @Nullable Image probabilities,
        Map<String, Image> attention,
        @Nullable Image entropy,
        @Nullable Image mutualInformation) {
    public Segmentation {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }

    /** The estimated quality of the labels from 0 to 1; absent for an empty mask. See {@link Reliability#confidence}. */
    public OptionalDouble confidence() {
        return reliability.confidence();
    }

    /** What the user should know before using the mask, a sentence each; usually none. */
    public List<String> warnings() {
        return reliability.warnings();
    }

    /** A copy with further warnings after the others. */
    public Segmentation withWarnings(List<String> more) {
        return new Segmentation(
                labels, reliability.withWarnings(more), probabilities, attention, entropy, mutualInformation);
    }

    /** A copy with other labels on the same grid. */
    Segmentation withLabels(LabelMap other) {
        return new Segmentation(other, reliability, probabilities, attention, entropy, mutualInformation);
    }
}
