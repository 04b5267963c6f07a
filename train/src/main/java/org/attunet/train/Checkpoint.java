package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
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
 * Everything that a training needs to go on as if it had never stopped: weights, averaged weights, the optimizer's
 * memory, the step, which is also the position in the stream of batches, and the history. One safetensors file, written
 * whole or not at all.
 *
 * <p>No random state is in it, because there is none: batches are a function of the seed and their number.
 *
 * @param step steps done
 * @param minutes spent
 * @param best the best validation Dice so far, or -1
 * @param bestStep where it was reached
 * @param stale validations since then
 * @param lossSum of the steps since the last row of the history
 * @param lossCount the number of those steps
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
        TrainingHealth watch) {

    private static final String STATE = "state"; // the numbers beside the tensors, as JSON in bytes
    private static final String NETWORK = "network.";
    private static final String AVERAGE = "average.";
    private static final String OPTIMIZER = "optimizer.";

    /** Of a checkpoint that knows no watch there is nothing to tell. */
    Checkpoint {
        watch = Objects.requireNonNullElse(watch, TrainingHealth.none());
    }

    /** The start of a training. */
    static Checkpoint start() {
        return new Checkpoint(0, 0, -1, 0, 0, 0, 0, new History(), TrainingHealth.none());
    }

    /** After one more step. */
    Checkpoint afterStep(double loss, double minutesSpent) {
        return new Checkpoint(
                step + 1, minutesSpent, best, bestStep, stale, lossSum + loss, lossCount + 1, history, watch);
    }

    /** After a validation. */
    Checkpoint afterValidation(double dice) {
        return dice > best
                ? new Checkpoint(step, minutes, dice, step, 0, lossSum, lossCount, history, watch)
                : new Checkpoint(step, minutes, best, bestStep, stale + 1, lossSum, lossCount, history, watch);
    }

    /** With another time. */
    Checkpoint at(double minutesSpent) {
        return new Checkpoint(step, minutesSpent, best, bestStep, stale, lossSum, lossCount, history, watch);
    }

    /** With no losses to average. */
    Checkpoint withoutLosses() {
        return new Checkpoint(step, minutes, best, bestStep, stale, 0, 0, history, watch);
    }

    /** With another watch. */
    Checkpoint with(TrainingHealth other) {
        return new Checkpoint(step, minutes, best, bestStep, stale, lossSum, lossCount, history, other);
    }

    /** The mean loss since the last row of the history. */
    double meanLoss() {
        return lossSum / Math.max(1, lossCount);
    }

    /** Writes this and the tensors. */
    void write(Path file, TrainedState trained) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        put(weights, NETWORK, trained.network().state());
        put(weights, AVERAGE, trained.average().network().state());
        put(weights, OPTIMIZER, trained.optimizer().memory());
        byte[] values = Json.bytes(this);
        weights.put(STATE, Weight.ofBytes(DType.U8, values, values.length));
        Safetensors.write(new StateDict(weights), file);
    }

    /** Rank 0's state, with its tensors; what the others give is ignored. */
    Checkpoint fromFirst(ProcessGroup ranks, TrainedState trained) {
        trained.fromFirst(ranks);
        try {
            return ranks.first() ? given(ranks) : Json.OWN.readValue(ranks.fromFirst(new byte[0]), Checkpoint.class);
        } catch (IOException e) {
            throw new IllegalStateException(e); // rank 0 is the same program
        }
    }

    private Checkpoint given(ProcessGroup ranks) {
        ranks.fromFirst(Json.bytes(this));
        return this;
    }

    private static void put(Map<String, Weight> weights, String prefix, Map<String, Tensor> tensors) {
        StateDict state = NetworkWeights.of(tensors);
        state.weights().forEach((name, weight) -> weights.put(prefix + name, weight));
    }

    /** Reads a checkpoint and puts its tensors where they belong. */
    static Checkpoint read(Path file, TrainedState trained) {
        StateDict weights = Safetensors.read(file);
        NetworkWeights.load(trained.network(), part(weights, NETWORK), file.toString());
        NetworkWeights.load(trained.average().network(), part(weights, AVERAGE), file.toString());
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
            throw new AttunetException(
                    file.toString(),
                    "its values can't be read ("
                            + (e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage())
                            + ")",
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
