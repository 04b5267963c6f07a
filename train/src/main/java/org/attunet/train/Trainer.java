package org.attunet.train;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.data.Batch;
import org.attunet.data.BatchLoader;
import org.attunet.data.CaseStore;
import org.attunet.data.DataSet;
import org.attunet.data.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.WholeFile;
import org.attunet.network.Network;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on a data set and leaves a {@link Run}.
 *
 * <p>The loop takes a batch, takes a step, averages the weights; now and then it predicts the validation cases with the
 * averaged weights, keeps the best, and writes a checkpoint from which a training that was stopped or killed goes on bit
 * for bit. {@link #requestStop} may be called from any thread; everything else belongs to one.
 */
public final class Trainer implements AutoCloseable {
    private static final double SECONDS_BETWEEN_CHECKPOINTS = 60;
    private static final int ROWS = 200;

    private final Run run;
    private final TrainingConfig config;
    private final TrainingListener listener;
    private final Network network;
    private final Average average;
    private final Optimizer optimizer;
    private final TrainingStep trainingStep;
    private final Schedule schedule;
    private final Validation validation;
    private final BatchLoader loader;
    private final EventFile events;
    private volatile boolean stopRequested;

    private Checkpoint state;
    private final long begin;
    private final double minutesBefore;
    private long lastSave;

    /**
     * What a training came to.
     *
     * @param best the validation Dice of the weights that were kept, 0 to 1
     * @param finished whether the run's end was reached; else it was asked to stop, and can go on
     * @param waiting the share of the time that the loop waited for batches
     */
    public record Result(long steps, double minutes, double best, long bestStep, boolean finished, double waiting) {}

    /**
     * Prepares a training, or one's going on where the run holds a checkpoint.
     *
     * @param split cases of the data set
     * @param memoryBytes the most that prepared cases may take
     */
    public Trainer(
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            long memoryBytes,
            TrainingListener listener) {
        this(run, model, config, data, split, memoryBytes, null, listener);
    }

    /**
     * The same, from another model's weights.
     *
     * @param start what the weights are taken over from where the training has not begun, or null for fresh ones
     */
    public Trainer(
            Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            long memoryBytes,
            @Nullable PretrainedStart start,
            TrainingListener listener) {
        this.run = run;
        this.config = config;
        this.listener = listener;
        for (int size : model.patch()) {
            if (size % model.network().multiple() != 0) {
                throw new ConfigException(
                        "patch",
                        Arrays.toString(model.patch()),
                        "multiples of " + model.network().multiple());
            }
        }
        Natives.threads(config.threads());
        boolean going = Files.exists(run.checkpoint());
        var store = CaseStore.load(
                data.cases(split.train()), model.preprocessing(), model.labels(), memoryBytes, listener::prepared);
        validation = new Validation(model, data.cases(split.validation()), config.device());

        network = Network.create(model.network(), config.seed(), new Device(config.device()));
        TakenOver taken = going || start == null ? null : start.apply(network, model);
        average = new Average(
                network, Network.create(model.network(), config.seed(), new Device(config.device())), config.average());
        optimizer = Optimizer.of(config.optimizer(), network.parameters(), config.weightDecay());
        trainingStep = TrainingStep.of(network, optimizer, config);
        schedule = new Schedule(config.schedule(), config.warmUp());
        state = going ? Checkpoint.read(run.checkpoint(), network, average, optimizer) : Checkpoint.start();

        if (!going) {
            // After all that bad data and settings can break, so that what never began leaves no run behind.
            if (taken != null) {
                // Before the run counts as begun, so that it never goes on without these weights.
                taken.write(run.takenOver());
                state.write(run.checkpoint(), network, average, optimizer);
                listener.takenOver(taken);
            }
            int mirrored = config.augmentation().mirrored(model.network().dimension());
            run.begin(model.withMirroredAxes(mirrored), config, split);
        }
        if (!going || !Files.exists(run.lastGood())) {
            state.write(run.lastGood(), network, average, optimizer);
        }
        loader = config.batches(
                store, model.patch(), state.step() + state.watch().skipped());
        events = EventFile.create(run.folder());
        begin = System.nanoTime();
        lastSave = begin;
        minutesBefore = state.minutes();
    }

    /** Lets the training end after the step under way, with a checkpoint. */
    public void requestStop() {
        stopRequested = true;
    }

    /** Trains to the run's end or until asked to stop. */
    public Result train() {
        while (!config.over(state.step(), minutes()) && !stopRequested && !stale()) {
            step(loader.next());
        }
        boolean finished = !stopRequested || config.over(state.step(), minutes()) || stale();
        History.Row last = state.history().rows().isEmpty()
                ? null
                : state.history().rows().get(state.history().rows().size() - 1);
        if (finished && (last == null || last.step() != state.step() || last.validationDice() == null)) {
            record(true);
        }
        save();
        if (finished) {
            state.watch().warnings().forEach(listener::warned);
            WholeFile.delete(run.lastGood());
        }
        return new Result(state.step(), minutes(), state.best(), state.bestStep(), finished, waiting());
    }

    private void step(Batch batch) {
        double before = config.progress(state.step(), minutes());
        double rate = rate(before);
        long number = state.step() + 1;
        double loss = NativeErrors.translate("training step " + number, () -> {
            try (var scope = TensorScope.open()) {
                double value = trainingStep.take(batch.inputTensor(), batch.targetTensor(), rate, number);
                average.update(network, number);
                return value;
            }
        });
        if (!Double.isFinite(loss)) {
            goBack(number, "the loss or its gradient became " + loss);
            return;
        }
        state = state.afterStep(loss, minutes());
        double after = config.progress(state.step(), state.minutes());
        listener.stepped(state.step(), after, state.minutes(), loss);
        boolean validate = crossed(before, after, config.validations());
        if (validate && !network.finite()) {
            goBack(number, "a weight became infinite or not a number");
            return;
        }
        if (validate || crossed(before, after, ROWS)) {
            record(validate);
        }
        if (validate || seconds(lastSave) > SECONDS_BETWEEN_CHECKPOINTS) {
            save();
        }
    }

    /**
     * Goes back to the last good state, which is of a fixed step and not of the clock, so that a training that is
     * interrupted and resumed does the same.
     *
     * @param number of the step that failed
     * @throws AttunetException where it has gone back too often
     */
    private void goBack(long number, String what) {
        if (state.watch().returns() >= Watch.MOST_RETURNS) {
            throw new AttunetException(
                    "training step " + number,
                    what + ", and going back with half the learning rate " + Watch.MOST_RETURNS + " times did not help",
                    "a finite loss",
                    "choose a lower --lr; the weights of step " + state.bestStep() + " are kept in " + run.weights());
        }
        Checkpoint good = Checkpoint.read(run.lastGood(), network, average, optimizer);
        Watch before = state.watch();
        state = good.at(minutes())
                .with(before.wentBack(good.watch(), number, good.step(), what, config.learningRate()));
        tell(before);
        save();
    }

    private void tell(Watch before) {
        state.watch().newSince(before).forEach(listener::warned);
    }

    private double rate(double progress) {
        return config.learningRate() * state.watch().rateFactor() * schedule.factor(progress);
    }

    /** Adds a row to the history, with a validation if asked. */
    private void record(boolean validate) {
        double progress = config.progress(state.step(), state.minutes());
        double rate = rate(progress);
        double loss = state.meanLoss();
        Validation.Outcome outcome = validate ? validation.measure(average.network()) : null;
        Double dice = outcome == null ? null : (Double) outcome.dice();
        if (outcome != null && dice != null) {
            boolean best = dice > state.best();
            if (best) {
                TorchFile.write(NetworkWeights.of(average.network()), run.weights());
            }
            state = state.afterValidation(dice);
            events.scalar("validation/dice", state.step(), dice);
            listener.validated(state.step(), dice, best);
            watch(outcome, progress);
        }
        events.scalar("training/loss", state.step(), loss);
        events.scalar("training/learning_rate", state.step(), rate);
        state.history().add(new History.Row(state.step(), minutes(), loss, dice, rate, waiting()));
        state = state.withoutLosses();
        if (validate) {
            // Before the checkpoint that goes on: a training that is killed between the two comes here again.
            state.at(minutes()).write(run.lastGood(), network, average, optimizer);
        }
    }

    private void watch(Validation.Outcome outcome, double progress) {
        Watch before = state.watch();
        state = state.with(before.validated(outcome, state.step(), progress));
        tell(before);
        for (AttentionShare gate : outcome.attention().rows(state.step())) {
            events.scalar("attention/" + gate.gate() + "/inside", gate.step(), gate.inside());
            events.scalar("attention/" + gate.gate() + "/outside", gate.step(), gate.outside());
        }
    }

    private void save() {
        state = state.at(minutes());
        state.write(run.checkpoint(), network, average, optimizer);
        WholeFile.writeString(run.history(), state.history().toCsv());
        if (!state.watch().attention().isEmpty()) {
            WholeFile.writeString(
                    run.attention(), AttentionShare.toCsv(state.watch().attention()));
        }
        lastSave = System.nanoTime();
    }

    private boolean stale() {
        return config.earlyStopping() > 0 && state.stale() >= config.earlyStopping();
    }

    private static boolean crossed(double before, double after, int marks) {
        return Math.floor(after * marks) > Math.floor(before * marks);
    }

    private double minutes() {
        return minutesBefore + seconds(begin) / 60;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private double waiting() {
        return loader.waitedNanos() / 1e9 / Math.max(1e-9, seconds(begin));
    }

    /** The course so far. */
    public History history() {
        return state.history();
    }

    /** What is wrong with the training, oldest first; empty where nothing is. */
    public List<TrainingWarning> warnings() {
        return state.watch().warnings();
    }

    /** How open the gates were inside and outside the target, oldest first; empty where there are no gates. */
    public List<AttentionShare> attention() {
        return state.watch().attention();
    }

    /** The network that is trained; stays this trainer's own. */
    Network network() {
        return network;
    }

    /** Frees the networks and stops the threads. */
    @Override
    public void close() {
        loader.close();
        events.close();
        trainingStep.close();
        optimizer.close();
        average.close();
        network.close();
    }
}
