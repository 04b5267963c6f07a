package org.attunet.train;

import java.nio.file.Files;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.report.AttentionShare;
import org.attunet.report.HistoryPoint;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;

/**
 * Rank 0's side of a training: restores its state from the run folder, writes what the training leaves there, and notifies
 * the listener. On other ranks there is no run, and nothing happens.
 */
final class RunWriter implements AutoCloseable {
    private final @Nullable Run run;
    private final TrainedState trained;
    private final TrainingListener listener;
    private @Nullable TransferReport transfer;
    private @Nullable EventFile events;

    RunWriter(@Nullable Run run, TrainedState trained, TrainingListener listener) {
        this.run = run;
        this.trained = trained;
        this.listener = listener;
    }

    /** The checkpoint of a run that has begun, else the start, from the job's pretrained weights if it has any. */
    Checkpoint restore(TrainingJob job) {
        if (run != null && Files.exists(run.checkpoint())) {
            return Checkpoint.read(run.checkpoint(), trained);
        }
        if (job.start() != null) {
            transfer = trained.start(job.start(), job);
        }
        return Checkpoint.start();
    }

    /** Writes what fixes a training, before its first step; of a run that has begun only what is missing. */
    void begin(TrainingJob job, Checkpoint state) {
        if (run == null) {
            return;
        }
        boolean begun = Files.exists(run.checkpoint());
        if (!begun) {
            if (transfer != null) {
                // Before the run counts as begun, so that it is never resumed without these weights.
                JsonFile.write(run.takenOver(), Json.OWN.valueToTree(transfer));
                state.write(run.checkpoint(), trained);
            }
            int mirrored =
                    job.config().augmentation().mirrored(job.model().network().dimension());
            run.begin(
                    job.model().withMirroredAxes(mirrored),
                    job.config(),
                    job.split(),
                    job.data().pixelSize(),
                    job.data().ignored());
            if (transfer != null) {
                listener.takenOver(transfer);
            }
        }
        if (!begun || !Files.exists(run.lastGood())) {
            state.write(run.lastGood(), trained);
        }
        events = EventFile.create(run.folder());
    }

    /** Restores the state of the last validation, or of the start. */
    Checkpoint restoreLastGood() {
        return run == null ? Checkpoint.start() : Checkpoint.read(run.lastGood(), trained);
    }

    /** Where the best weights are, as the end of a sentence. */
    String place() {
        return run == null ? "" : " in " + run.weights();
    }

    /** Writes a row of the history to the event file. */
    void row(HistoryPoint row) {
        scalar("training/loss", row.step(), row.loss());
        scalar("training/learning_rate", row.step(), row.learningRate());
    }

    /**
     * Writes a validation to the event file, and the averaged weights if they are the best so far.
     *
     * @param before the health before the validation
     */
    void validated(Checkpoint state, double dice, TrainingHealth before) {
        if (run == null) {
            return;
        }
        boolean best = state.bestStep() == state.step();
        if (best) {
            TorchFile.write(NetworkWeights.of(trained.averaged()), run.weights());
        }
        scalar("validation/dice", state.step(), dice);
        listener.validated(state.step(), dice, best);
        warned(state, before);
        for (AttentionShare gate : state.health().attentionAt(state.step())) {
            scalar("attention/" + gate.gate() + "/inside", gate.step(), gate.inside());
            scalar("attention/" + gate.gate() + "/outside", gate.step(), gate.outside());
        }
    }

    /** Reports the warnings that are new. */
    void warned(Checkpoint state, TrainingHealth before) {
        if (run != null) {
            state.health().newSince(before).forEach(listener::warned);
        }
    }

    /** Writes the state that the training returns to if it fails. */
    void saveGood(Checkpoint state) {
        if (run != null) {
            state.write(run.lastGood(), trained);
        }
    }

    /** Writes the checkpoint and the tables so far. */
    void save(Checkpoint state) {
        if (run == null) {
            return;
        }
        state.write(run.checkpoint(), trained);
        WholeFile.writeString(run.history(), state.history().toCsv());
        if (!state.health().attention().isEmpty()) {
            WholeFile.writeString(run.attention(), state.health().attentionCsv());
        }
        listener.saved(state.step());
    }

    /** Ends a training that has reached its end, which never returns to an earlier state again. */
    void finish(Checkpoint state) {
        if (run != null) {
            state.health().warnings().forEach(listener::warned);
            WholeFile.delete(run.lastGood());
        }
    }

    private void scalar(String tag, long step, double value) {
        if (events != null) {
            events.scalar(tag, step, value);
        }
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
