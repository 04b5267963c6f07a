package org.attunet.predict;

import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TrainingProfile;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * One of the models whose probabilities a segmenter averages.
 *
 * @param engine the engine of its network
 * @param model its description
 * @param temperature the divisor of its logits, above 0
 * @param profile what it keeps of its training cases; null if it keeps nothing
 */
record EnsembleMember(
        Engine engine,
        ModelDescription model,
        double temperature,
        @Nullable TrainingProfile profile) {
    EnsembleMember {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new ConfigException("temperature", temperature, "a number above 0");
        }
        if (!engine.network().equals(model.shape())) {
            throw new AttunetException(
                    model.name(),
                    "weights of " + engine.network(),
                    "weights of " + model.shape(),
                    "keep weights and model.json of one training together");
        }
    }

    /**
     * Checks that this model can vote together with the first one.
     *
     * @param number this model's number, for the message
     */
    void requireLike(EnsembleMember first, int number) {
        ModelDescription a = first.model;
        require(first, number, "labels", a.labels(), model.labels());
        require(first, number, "outputs", a.shape().outputs(), model.shape().outputs());
        require(first, number, "channels", a.shape().channels(), model.shape().channels());
        require(first, number, "dimension", a.shape().dimension(), model.shape().dimension());
        require(
                first,
                number,
                "canonical orientation",
                a.preprocessing().canonicalOrientation(),
                model.preprocessing().canonicalOrientation());
    }

    private void require(EnsembleMember first, int number, String what, Object expected, Object found) {
        if (!found.equals(expected)) {
            throw new AttunetException(
                    "model " + number + " (" + model.name() + ")",
                    what + " " + found,
                    what + " " + expected + ", as model 1 (" + first.model.name() + ") has",
                    "combine only models that were trained for the same labels and the same kind of image");
        }
    }
}
