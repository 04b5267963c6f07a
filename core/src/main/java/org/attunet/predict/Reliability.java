package org.attunet.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How far a mask can be relied upon, as the model itself can say it.
 *
 * @param confidence the estimated quality of the labels from 0 to 1: about the mean over the labels in the mask of the
 *     expected Dice if the truth were drawn from the probabilities. Absent for an empty mask, which has no expected Dice
 * @param warnings what the user should know before using the mask, a sentence each; usually none
 */
public record Reliability(OptionalDouble confidence, List<String> warnings) {
    /** Nothing is known, as of a prediction that failed. */
    public static final Reliability UNKNOWN = new Reliability(OptionalDouble.empty(), List.of());

    /** How an empty mask is called wherever a confidence would be. */
    public static final String EMPTY_MASK = "empty mask";

    public Reliability {
        warnings = List.copyOf(warnings);
    }

    /** The reliability of a mask; an empty one, which has no confidence, is warned of. */
    static Reliability of(OptionalDouble confidence) {
        return new Reliability(
                confidence, confidence.isPresent() ? List.of() : List.of(EMPTY_MASK + ": no voxel has a label"));
    }

    /** A copy with further warnings after the others. */
    public Reliability withWarnings(List<String> more) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(more);
        return new Reliability(confidence, all);
    }
}
