package org.attunet.predict;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * The result for one image, all of it on the image's own grid.
 *
 * <p>A voxel's votes, of which the uncertainty tells, are all predictions that its probabilities are the mean of, with
 * their weights there: those of each model, each mirror image and each blended tile; and where the network works on
 * another grid, those of the neighbouring voxels that the interpolation takes.
 *
 * @param labels one label value per voxel, as the model's label set declares them; without the components that the
 *     segmenter removes, which the other parts still tell of
 * @param confidence how good the labels are by the model's own probabilities, from 0 to 1: about the Dice, averaged over
 *     the labels, that they would have if the truth were drawn from the probabilities. For a label that is marked
 *     nowhere it is 1 less its greatest probability
 * @param probabilities one channel for each output of the network (the label alone, or the background and each label in
 *     the order of the label set), from 0 to 1; null where they were not asked for
 * @param attention gate to its map, from 0 (skip connection shut) to 1 (open), one channel for each of the gate's maps,
 *     in the network's order; empty where the maps were not asked for or the network has no gates
 * @param entropy how unsure each voxel's probabilities are, from 0 (one class is certain) to 1 (all classes are equally
 *     probable): their entropy over the logarithm of the number of classes; null where it was not asked for
 * @param mutualInformation how much of the entropy is disagreement among the votes: the entropy of their mean less the
 *     mean of their entropies, in the same unit; 0 where all say the same. Null where it was not asked for, or where one
 *     model votes once
 */
public record Segmentation(
        LabelMap labels,
        double confidence,
        @Nullable Image probabilities,
        Map<String, Image> attention,
        @Nullable Image entropy,
        @Nullable Image mutualInformation) {
    /** Copies the map; its order stays. */
    public Segmentation {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }

    /** A copy with other labels on the same grid. */
    Segmentation withLabels(LabelMap other) {
        return new Segmentation(other, confidence, probabilities, attention, entropy, mutualInformation);
    }
}
