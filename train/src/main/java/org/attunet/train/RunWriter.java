package org.attunet.train;

import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Split;
import org.attunet.io.WholeFile;
import org.attunet.plan.TrainingConfig;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;

/** What a training writes into its run folder as it goes. On ranks other than the first there is none, and nothing happens. */
final class RunWriter implements AutoCloseable {
    private final @Nullable Run run;
    private final TrainedState trained;
    private final @Nullable EventFile events;

    RunWriter(@Nullable Run run, TrainedState trained) {
        this.run = run;
        this.trained = trained;
        this.events = run == null ? null : EventFile.create(run.folder());
    }

    /** What fixes the training, before its first step. */
    static void begin(
            Run run,
            TrainedState trained,
            @Nullable TransferReport taken,
            ModelDescription model,
            TrainingConfig config,
            Split split) {
        if (taken != null) {
            // Before the run counts as begun, so that it never goes on without these weights.
            taken.write(run.takenOver());
            Checkpoint.start().write(run.checkpoint(), trained);
        }
        int mirrored = config.augmentation().mirrored(model.network().dimension());
        run.begin(model.withMirroredAxes(mirrored), config, split);
    }

    /** The state from which the training goes on, and the tables as far as they have come. */
    void save(Checkpoint state) {
        if (run == null) {
            return;
        }
        state.write(run.checkpoint(), trained);
        WholeFile.writeString(run.history(), state.history().toCsv());
        if (!state.watch().attention().isEmpty()) {
            WholeFile.writeString(
                    run.attention(), AttentionShare.toCsv(state.watch().attention()));
        }
    }

    /** The state to which the training goes back where it fails. */
    void saveGood(Checkpoint state) {
        if (run != null) {
            state.write(run.lastGood(), trained);
        }
    }

    /** The averaged weights, as the best so far. */
    void saveBest() {
        if (run != null) {
            TorchFile.write(NetworkWeights.of(trained.average().network()), run.weights());
        }
    }

    /** A number for TensorBoard. */
    void scalar(String tag, long step, double value) {
        if (events != null) {
            events.scalar(tag, step, value);
        }
    }

    /** The training has come to its end: it never goes back again. */
    void finished() {
        if (run != null) {
            WholeFile.delete(run.lastGood());
        }
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
