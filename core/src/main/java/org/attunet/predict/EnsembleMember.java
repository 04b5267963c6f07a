package org.attunet.predict;

import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;

/**
 * One of the models whose votes a segmenter averages.
 *
 * @param engine what computes its network
 * @param model what it is
 * @param temperature what its logits are divided by before they become probabilities, above 0
 */
record EnsembleMember(Engine engine, ModelDescription model, double temperature) {
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

    /** Refuses to vote together with another model on something else. */
    void requireLike(EnsembleMember first, int number) {
        require(first, number, "labels", first.model.labels(), model.labels());
        require(
                first,
                number,
                "outputs",
                first.model.shape().outputs(),
                model.shape().outputs());
        require(
                first,
                number,
                "channels",
                first.model.shape().channels(),
                model.shape().channels());
        require(
                first,
                number,
                "dimension",
                first.model.shape().dimension(),
                model.shape().dimension());
        require(
                first,
                number,
                "canonical orientation",
                first.model.preprocessing().canonicalOrientation(),
                model.preprocessing().canonicalOrientation());
    }

    private void require(EnsembleMember first, int number, String what, Object expected, Object found) {
        if (!found.equals(expected)) {
            throw new AttunetException(
                    "model " + number + " (" + model.name() + ")",
                    what + " " + found,
                    what + " " + expected + ", as model 1 (" + first.model.name() + ") has",
                    "put only models together that were trained for the same labels and the same kind of image");
        }
    }
}
