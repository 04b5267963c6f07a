package org.attunet.train;

import org.attunet.error.AttunetException;
import org.attunet.patches.BatchLoader;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.report.HistoryPoint;

/**
 * The state of a run, the same on all ranks, and what changes it besides the steps: validation, the history, checkpoints and
 * the return to an earlier state. One thread only.
 */
final class RunProgress {
    private static final int ROWS = 200;
    private static final double MINUTES_BETWEEN_CHECKPOINTS = 1;

    private final TrainingConfig config;
    private final ProcessGroup ranks;
    private final TrainedState trained;
    private final Validation validation;
    private final RunWriter writer;
    private final BatchLoader loader;
    private final TrainingClock clock;

    private Checkpoint state;
    private double lastSave;

    /** @param state from which the training starts or resumes */
    RunProgress(
            TrainingConfig config,
            ProcessGroup ranks,
            TrainedState trained,
            Validation validation,
            RunWriter writer,
            BatchLoader loader,
            Checkpoint state) {
        this.config = config;
        this.ranks = ranks;
        this.trained = trained;
        this.validation = validation;
        this.writer = writer;
        this.loader = loader;
        this.state = state;
        clock = new TrainingClock(ranks, state.minutes());
        lastSave = state.minutes();
    }

    Checkpoint state() {
        return state;
    }

    TrainingClock clock() {
        return clock;
    }

    /** The share of the run that is done, 0 to 1. */
    double share() {
        return config.length().progress(state.step(), clock.minutes());
    }

    /** The learning rate after a share of the run. */
    double rate(double share) {
        return config.optimization().rate(share) * state.health().rateFactor();
    }

    /** Whether the run's end is reached. */
    boolean over() {
        int patience = config.validation().earlyStopping();
        return config.length().over(state.step(), clock.minutes()) || (patience > 0 && state.stale() >= patience);
    }

    /** Counts a step. */
    void stepped(double loss) {
        clock.anyStops(false); // sets the time
        state = state.afterStep(loss, clock.minutes());
    }

    /** Validates, adds a row to the history and saves, as far as each is due after a step. */
    void recordAndSave(double shareBefore) {
        boolean validate = crossed(shareBefore, config.validation().count());
        if (validate && ranks.sum(trained.network().finite() ? 0 : 1)[0] > 0) {
            goBack(state.step(), "a weight became infinite or not a number");
            return;
        }
        if (validate || crossed(shareBefore, ROWS)) {
            record(validate);
        }
        if (validate || clock.minutes() - lastSave > MINUTES_BETWEEN_CHECKPOINTS) {
            save();
        }
    }

    private boolean crossed(double shareBefore, int marks) {
        return Math.floor(share() * marks) > Math.floor(shareBefore * marks);
    }

    private void record(boolean validate) {
        double rate = rate(config.length().progress(state.step(), state.minutes()));
        Double dice = validate ? (Double) validate() : null;
        var row = new HistoryPoint(state.step(), clock.now(), state.meanLoss(), dice, rate, waiting());
        writer.row(row);
        state.history().add(row);
        state = state.withoutLosses();
        if (validate) {
            // Before the checkpoint: a training that is killed between the two validates again.
            writer.saveGood(state.at(clock.now()));
        }
    }

    private double validate() {
        double share = config.length().progress(state.step(), state.minutes());
        trained.broadcast(ranks);
        Validation.Outcome outcome = validation.measure(trained.averaged());
        TrainingHealth before = state.health();
        state = state.afterValidation(outcome.dice(), before.validated(outcome, state.step(), share));
        writer.validated(state, outcome.dice(), before);
        return outcome.dice();
    }

    private void save() {
        state = state.at(clock.now());
        writer.save(state);
        lastSave = clock.minutes();
        ranks.barrier(); // the others wait until it is written
    }

    /**
     * Returns to the last good state, which belongs to a fixed step and not to a time, so that a resumed training does the
     * same.
     *
     * @param step that failed
     * @param what failed, as the beginning of a sentence
     * @throws AttunetException if the training has gone back too often
     */
    void goBack(long step, String what) {
        TrainingHealth before = state.health();
        if (before.returns() >= TrainingHealth.MOST_RETURNS) {
            throw new AttunetException(
                    "training step " + step,
                    what + ", and going back with half the learning rate " + TrainingHealth.MOST_RETURNS
                            + " times did not help",
                    "a finite loss",
                    "choose a lower --lr; the weights of step " + state.bestStep() + " are kept" + writer.place());
        }
        Checkpoint good = writer.restoreLastGood().broadcast(ranks, trained);
        double highest = config.optimization().learningRate();
        state = good.at(clock.now()).with(before.wentBack(good, step, what, highest));
        writer.warned(state, before);
        save();
    }

    /** Saves a training that has reached its end, with a last validation, or that was asked to stop. */
    TrainingOutcome finish() {
        boolean finished = over();
        if (finished && !state.history().endsWithValidationAt(state.step())) {
            record(true);
        }
        save();
        if (finished) {
            writer.finish(state);
        }
        var result = new TrainingOutcome.Result(
                state.step(), clock.now(), state.best(), state.bestStep(), finished, waiting());
        return new TrainingOutcome(
                result,
                state.history(),
                state.health().attention(),
                state.health().warnings());
    }

    private double waiting() {
        return loader.waitedNanos() / 1e9 / Math.max(1e-9, clock.seconds());
    }
}
