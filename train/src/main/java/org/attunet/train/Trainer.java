package org.attunet.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.attunet.patches.Batch;
import org.attunet.patches.BatchLoader;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.torch.TorchNetwork;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. It takes a batch, takes a step and averages the weights; now and then it predicts the validation cases
 * with the averaged weights, keeps the best, and writes a checkpoint, from which a training that was stopped or killed
 * resumes bit for bit.
 *
 * <p>{@link #requestStop} may be called from any thread, everything else from one.
 *
 * <p>Several ranks all run this loop, each with its share of every batch, and hold the same weights. Its decisions follow
 * from sums over the ranks: the loss, the time, which is rank 0's, and whether any rank was asked to stop. Only rank 0 reads
 * and writes the run; its state is sent to the others at the start, at each validation (because different processors round
 * differently) and when the training goes back.
 */
public final class Trainer implements AutoCloseable {
    private final TrainingListener listener;
    private final TrainedState trained;
    private final RunWriter writer;
    private final BatchLoader loader;
    private final RunProgress progress;
    private volatile boolean stopRequested;

    /** Prepares a training in this process alone; if the run holds a checkpoint, the training resumes there. */
    public Trainer(Run run, TrainingJob job, TrainingListener listener) {
        this(run, job, ProcessGroup.alone(), listener);
    }

    /**
     * Prepares a training as one of several ranks.
     *
     * @param run on rank 0; null on the others, which write nothing
     * @param ranks borrowed; to be closed after this
     * @param listener is notified of this rank's reading and steps, and on rank 0 of everything else
     */
    public Trainer(@Nullable Run run, TrainingJob job, ProcessGroup ranks, TrainingListener listener) {
        if (ranks.first() != (run != null)) {
            throw new IllegalArgumentException("rank 0, and no other, has a run");
        }
        job.check(ranks);
        this.listener = listener;
        TrainingConfig config = job.config().shared(ranks.neighbours(), ranks.count());
        Natives.threads(config.compute().threads());
        CaseStore store = job.load(listener::prepared);
        var validation = new Validation(
                job.model(),
                job.data().cases(job.split().validation()),
                config.compute().device(),
                ranks);
        trained = new TrainedState(job.model(), config, ranks);
        writer = new RunWriter(run, trained, listener);
        Deque<Runnable> opened = new ArrayDeque<>(List.of(writer::close, trained::close));
        try {
            Checkpoint own = writer.restore(job);
            ranks.barrier(); // each rank takes its own time to read the cases
            Checkpoint state = own.broadcast(ranks, trained);
            // Last, so that invalid data or settings don't leave an empty run folder behind.
            writer.begin(job, state);
            if (run != null && job.data().hasObjects() && run.objects() == null) {
                run.write(ObjectScore.START);
            }
            long next = state.step() + state.health().skipped();
            var slots = BatchShare.of(config.batches().size(), ranks.number(), ranks.count());
            loader = config.loader(store, job.model().patch(), next, slots);
            opened.push(loader::close);
            progress = new RunProgress(config, ranks, trained, validation, writer, loader, state);
            ranks.barrier();
        } catch (RuntimeException | Error e) {
            opened.forEach(Runnable::run); // natives, in a process that may live on
            throw e;
        }
    }

    /** Ends the training after the current step, with a checkpoint. */
    public void requestStop() {
        stopRequested = true;
    }

    /** Trains to the run's end or until one of the ranks is asked to stop. */
    public TrainingOutcome train() {
        while (!progress.clock().anyStops(stopRequested) && !progress.over()) {
            step(loader.next());
        }
        return progress.finish();
    }

    private void step(Batch batch) {
        double share = progress.share();
        long number = progress.state().step() + 1;
        double loss = trained.step(batch, progress.rate(share), number);
        if (Double.isFinite(loss)) {
            progress.stepped(loss);
            listener.stepped(number, progress.share(), progress.clock().minutes(), loss);
            progress.recordAndSave(share);
        } else {
            progress.goBack(number, "the loss or its gradient became " + loss);
        }
    }

    /** The course so far. */
    public History history() {
        return progress.state().history();
    }

    /** The network that is trained; owned by this trainer. */
    TorchNetwork network() {
        return trained.network();
    }

    /** Frees the networks and stops the threads. */
    @Override
    public void close() {
        try {
            loader.close();
        } finally {
            try {
                writer.close();
            } finally {
                trained.close();
            }
        }
    }
}
