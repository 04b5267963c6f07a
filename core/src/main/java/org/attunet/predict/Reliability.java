package org.attunet.predict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a mask can be relied upon, as the model itself can say it.
 *
 * @param confidence the estimated quality of the labels from 0 to 1: about the mean over the labels in the mask of the
 *     expected Dice if the truth were drawn from the probabilities. Absent for an empty mask, which has no expected Dice
 * @param novelty how unlike the training cases the image is: 0 in their midst, above {@link #NOVELTY_LIMIT} if it is
 *     unlike all of them. Absent if the model keeps no {@link org.attunet.bundle.TrainingProfile} of them. Of an
 *     ensemble, the greatest of its models'
 * @param traits what the novelty is computed from, as the first model sees it: traits of the image and of the network's
 *     response by their names
 * @param warnings what the user should know before using the mask, a sentence each; usually none
 */
public record Reliability(
        OptionalDouble confidence, OptionalDouble novelty, Map<String, Double> traits, List<String> warnings) {
    /** Images of a greater novelty are unlike the training cases. */
    public static final double NOVELTY_LIMIT = 1;

    /** Nothing is known, as of a prediction that failed. */
    public static final Reliability UNKNOWN =
            new Reliability(OptionalDouble.empty(), OptionalDouble.empty(), Map.of(), List.of());

    /** How an empty mask is called wherever a confidence would be. */
    public static final String EMPTY_MASK = "empty mask";

    /**
     * Copies the components.
     *
     * @param confidence the estimated quality of the labels from 0 to 1: about the mean over the labels in the mask of the
     *     expected Dice if the truth were drawn from the probabilities. Absent for an empty mask, which has no expected
     *     Dice
     * @param novelty how unlike the training cases the image is: 0 in their midst, above {@link #NOVELTY_LIMIT} if it is
     *     unlike all of them. Absent if the model keeps no {@link org.attunet.bundle.TrainingProfile} of them. Of an
     *     ensemble, the greatest of its models'
     * @param traits what the novelty is computed from, as the first model sees it: traits of the image and of the network's
     *     response by their names
     * @param warnings what the user should know before using the mask, a sentence each; usually none
     */
    public Reliability {
        traits = Collections.unmodifiableMap(new TreeMap<>(traits));
        warnings = List.copyOf(warnings);
    }

    /** {@return whether the image is unlike the training cases; false if that isn't known} */
    public boolean unlikeTraining() {
        return novelty.orElse(0) > NOVELTY_LIMIT;
    }

    /** {@return the confidence; null if there is none} */
    public @Nullable Double confidenceOrNull() {
        return confidence.isPresent() ? (Double) confidence.getAsDouble() : null;
    }

    /** {@return the novelty; null if it isn't known} */
    public @Nullable Double noveltyOrNull() {
        return novelty.isPresent() ? (Double) novelty.getAsDouble() : null;
    }

    /** {@return whether the image is unlike the training cases; null if that isn't known} */
    public @Nullable Boolean unlikeTrainingOrNull() {
        return novelty.isPresent() ? (Boolean) unlikeTraining() : null;
    }

    /**
     * {@return a copy with further warnings after the others}
     *
     * @param more the sentences to add
     */
    public Reliability withWarnings(List<String> more) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(more);
        return new Reliability(confidence, novelty, traits, all);
    }
}
