package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.weights.DType;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;
import org.bytedeco.pytorch.Tensor;

/**
 * The numbers of a training's state. With the tensors of {@link TrainedState} they are all that a resumed training needs to
 * equal an unbroken one, and make up one safetensors file, which is written whole or not at all.
 *
 * <p>There is no random state: a batch is a function of the seed and its number, which follows from the step.
 *
 * @param step steps done
 * @param minutes spent
 * @param best the best validation Dice so far, or -1
 * @param bestStep the step of the best validation
 * @param stale validations since then
 * @param lossSum of the steps since the last row of the history
 * @param lossCount the number of those steps
 * @param health {@code watch} in files; those of older versions lack it
 */
@JsonAutoDetect(
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE,
        fieldVisibility = JsonAutoDetect.Visibility.ANY)
record Checkpoint(
        long step,
        double minutes,
        double best,
        long bestStep,
        int stale,
        double lossSum,
        long lossCount,
        History history,
        @JsonProperty("watch") TrainingHealth health) {

    private static final String STATE = "state"; // the numbers, as the bytes of a JSON text
    private static final String NETWORK = "network.";
    private static final String AVERAGE = "average.";
    private static final String OPTIMIZER = "optimizer.";

    Checkpoint {
        health = Objects.requireNonNullElse(health, TrainingHealth.none());
    }

    /** The start of a training. */
    static Checkpoint start() {
        return new Checkpoint(0, 0, -1, 0, 0, 0, 0, new History(), TrainingHealth.none());
    }

    Checkpoint afterStep(double loss, double minutesSpent) {
        return new Checkpoint(
                step + 1, minutesSpent, best, bestStep, stale, lossSum + loss, lossCount + 1, history, health);
    }

    Checkpoint afterValidation(double dice, TrainingHealth other) {
        boolean better = dice > best;
        boolean kept = better || (dice == 0 && best == 0); // which says nothing yet: the later weights are as good
        return new Checkpoint(
                step,
                minutes,
                better ? dice : best,
                kept ? step : bestStep,
                better ? 0 : stale + 1,
                lossSum,
                lossCount,
                history,
                other);
    }

    /** The same at another time. */
    Checkpoint at(double minutesSpent) {
        return new Checkpoint(step, minutesSpent, best, bestStep, stale, lossSum, lossCount, history, health);
    }

    /** The same without losses, after a row of the history. */
    Checkpoint withoutLosses() {
        return new Checkpoint(step, minutes, best, bestStep, stale, 0, 0, history, health);
    }

    Checkpoint with(TrainingHealth other) {
        return new Checkpoint(step, minutes, best, bestStep, stale, lossSum, lossCount, history, other);
    }

    /** The mean loss since the last row of the history. */
    double meanLoss() {
        return lossSum / Math.max(1, lossCount);
    }

    /** Writes the numbers and the tensors. */
    void write(Path file, TrainedState trained) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        put(weights, NETWORK, trained.network().state());
        put(weights, AVERAGE, trained.averaged().state());
        put(weights, OPTIMIZER, trained.optimizer().memory());
        byte[] values = Json.bytes(this);
        weights.put(STATE, Weight.ofBytes(DType.U8, values, values.length));
        Safetensors.write(new StateDict(weights), file);
    }

    private static void put(Map<String, Weight> weights, String prefix, Map<String, Tensor> tensors) {
        StateDict state = NetworkWeights.of(tensors);
        state.weights().forEach((name, weight) -> weights.put(prefix + name, weight));
    }

    /** Replaces the tensors by rank 0's and returns its numbers. */
    Checkpoint broadcast(ProcessGroup ranks, TrainedState trained) {
        trained.broadcast(ranks);
        byte[] first = ranks.broadcast(ranks.first() ? Json.bytes(this) : new byte[0]);
        try {
            return ranks.first() ? this : Json.OWN.readValue(first, Checkpoint.class);
        } catch (IOException e) {
            throw new IllegalStateException(e); // rank 0 is the same program
        }
    }

    /** Reads a checkpoint and restores its tensors. */
    static Checkpoint read(Path file, TrainedState trained) {
        StateDict weights = Safetensors.read(file);
        NetworkWeights.load(trained.network(), part(weights, NETWORK), file.toString());
        NetworkWeights.load(trained.averaged(), part(weights, AVERAGE), file.toString());
        try (var scope = TensorScope.withoutGradients()) {
            Map<String, Tensor> memory = new LinkedHashMap<>();
            part(weights, OPTIMIZER)
                    .weights()
                    .forEach((name, weight) -> memory.put(name, Tensors.of(weight.floats(), weight.shape())));
            trained.optimizer().restore(memory);
        }
        try {
            byte[] values =
                    new byte[weights.contains(STATE) ? weights.get(STATE).elements() : 0];
            if (values.length > 0) {
                weights.get(STATE).bytes().get(values);
            }
            Checkpoint checkpoint = Json.OWN.readValue(values, Checkpoint.class);
            if (checkpoint == null || checkpoint.history == null) {
                throw new IOException("no history");
            }
            return checkpoint;
        } catch (IOException e) {
            String reason = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw new AttunetException(
                    file.toString(),
                    "its values can't be read (" + reason + ")",
                    "a checkpoint of this program",
                    "start a new training in another folder",
                    e);
        }
    }

    private static StateDict part(StateDict weights, String prefix) {
        Map<String, Weight> part = new LinkedHashMap<>();
        weights.weights().forEach((name, weight) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), weight);
            }
        });
        return new StateDict(part);
    }
}
