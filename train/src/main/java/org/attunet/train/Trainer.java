package org.attunet.train;

import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.patches.Batch;
import org.attunet.patches.BatchLoader;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on a data set and leaves a {@link Run}.
 *
 * <p>The loop takes a batch, takes a step, averages the weights; now and then it predicts the validation cases with the
 * averaged weights, keeps the best, and writes a checkpoint from which a training that was stopped or killed goes on bit
 * for bit. {@link #requestStop} may be called from any thread; everything else belongs to one.
 *
 * <p>On several ranks all run the same loop, each with its share of every batch, and hold the same weights. What the loop
 * decides follows from sums over the ranks: the loss, the time, which is rank 0's, and the wish to stop, which may be
 * anyone's. Rank 0 alone reads and writes the run; its state goes to the others at the start, at each validation (for
 * processors of different kinds round differently) and where the training goes back.
 */
public final class Trainer implements AutoCloseable {
    private static final double MINUTES_BETWEEN_CHECKPOINTS = 1;
    private static final int ROWS = 200;

    private final @Nullable Run run;
    private final TrainingConfig config;
    private final ProcessGroup ranks;
    private final TrainingListener listener;
    private final TorchNetwork network;
    private final WeightAverage average;
    private final TrainedState trained;
    private final TrainingStep trainingStep;
    private final Schedule schedule;
    private final Validation validation;
    private final BatchLoader loader;
    private final RunWriter journal;
    private volatile boolean stopRequested;

    private Checkpoint state;
    private final long begin;
    private final double minutesBefore;
    private double time; // minutes that all ranks go by
    private double lastSave;

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
            @Nullable PretrainedWeights start,
            TrainingListener listener) {
        this(run, model, config, data, split, memoryBytes, start, ProcessGroup.alone(), listener);
    }

    /**
     * The same, as one of several ranks, each of which reads the cases itself.
     *
     * @param run on rank 0; null on the others, which write nothing
     * @param config the whole training's; ranks on one machine divide its threads, copies and workers
     * @param start on rank 0, or null
     * @param ranks borrowed; whoever joined them closes them, after this
     * @param listener hears on rank 0 of what is decided and written, on each rank of its own reading and of the steps
     */
    public Trainer(
            @Nullable Run run,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            long memoryBytes,
            @Nullable PretrainedWeights start,
            ProcessGroup ranks,
            TrainingListener listener) {
        check(run, model, config, ranks);
        this.run = run;
        this.config = config.shared(ranks.neighbours(), ranks.count());
        this.ranks = ranks;
        this.listener = listener;
        Natives.threads(this.config.threads());
        boolean going = run != null && Files.exists(run.checkpoint());
        var store = CaseStore.load(
                data.cases(split.train()), model.preprocessing(), model.labels(), memoryBytes, listener::prepared);
        validation = new Validation(model, data.cases(split.validation()), config.device(), ranks);

        network = TorchNetwork.create(model.network(), config.seed(), new Device(config.device()));
        TransferReport taken = going || start == null ? null : start.apply(network, model);
        average = new WeightAverage(
                network,
                TorchNetwork.create(model.network(), config.seed(), new Device(config.device())),
                config.average());
        var optimizer = Optimizer.of(config.optimizer(), network.parameters(), config.weightDecay());
        trained = new TrainedState(network, average, optimizer);
        trainingStep = TrainingStep.of(network, optimizer, this.config, ranks);
        schedule = new Schedule(config.schedule(), config.warmUp());
        Deque<Runnable> made = new ArrayDeque<>(List.of(trainingStep::close, trained::close));
        try {
            Checkpoint own = run != null && going ? Checkpoint.read(run.checkpoint(), trained) : Checkpoint.start();
            ranks.meet(); // reading cases takes each its own time
            state = own.fromFirst(ranks, trained);

            if (run != null && !going) {
                // After all that bad data and settings can break, so that what never began leaves no run behind.
                RunWriter.begin(run, trained, taken, model, config, split);
                if (taken != null) {
                    listener.takenOver(taken);
                }
            }
            if (run != null && (!going || !Files.exists(run.lastGood()))) {
                state.write(run.lastGood(), trained);
            }
            journal = new RunWriter(run, trained);
            made.push(journal::close);
            BatchShare slots = BatchShare.of(config.batch(), ranks.number(), ranks.count());
            loader = this.config.batches(
                    store, model.patch(), state.step() + state.watch().skipped(), slots);
            made.push(loader::close);
            begin = System.nanoTime();
            minutesBefore = state.minutes();
            lastSave = minutesBefore;
            ranks.meet();
        } catch (RuntimeException | Error e) {
            made.forEach(Runnable::run); // natives, in a process that may live on
            throw e;
        }
    }

    private static void check(@Nullable Run run, ModelDescription model, TrainingConfig config, ProcessGroup ranks) {
        for (int size : model.patch()) {
            if (size % model.network().multiple() != 0) {
                throw new ConfigException(
                        "patch",
                        Arrays.toString(model.patch()),
                        "multiples of " + model.network().multiple());
            }
        }
        config.checkRanks(ranks.count());
        if (ranks.neighbours() > 1 && config.device().equals("cuda")) {
            throw new ConfigException(
                    "device",
                    "cuda for " + ranks.neighbours() + " ranks on one machine",
                    "cpu, or one rank on each machine, for a rank uses the first GPU");
        }
        if (ranks.first() != (run != null)) {
            throw new IllegalArgumentException("rank 0, and no other, has a run");
        }
    }

    /** Lets the training end after the step under way, with a checkpoint. */
    public void requestStop() {
        stopRequested = true;
    }

    /** Trains to the run's end or until one of the ranks is asked to stop. */
    public Result train() {
        boolean stopped = agree();
        while (!stopped && !over()) {
            step(loader.next());
            stopped = agree();
        }
        boolean finished = over();
        History.Row last = state.history().rows().isEmpty()
                ? null
                : state.history().rows().get(state.history().rows().size() - 1);
        if (finished && (last == null || last.step() != state.step() || last.validationDice() == null)) {
            record(true);
        }
        save();
        if (finished) {
            if (ranks.first()) {
                state.watch().warnings().forEach(listener::warned);
            }
            journal.finished();
        }
        return new Result(state.step(), minutes(), state.best(), state.bestStep(), finished, waiting());
    }

    /** Sets the time that all ranks go by; true where one of them was asked to stop. */
    private boolean agree() {
        double[] sums = ranks.sum(ranks.first() ? minutes() : 0, stopRequested ? 1 : 0);
        time = sums[0];
        return sums[1] > 0;
    }

    private boolean over() {
        return config.over(state.step(), time)
                || (config.earlyStopping() > 0 && state.stale() >= config.earlyStopping());
    }

    private void step(Batch batch) {
        double before = config.progress(state.step(), time);
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
        time = ranks.sum(ranks.first() ? minutes() : 0)[0];
        state = state.afterStep(loss, time);
        double after = config.progress(state.step(), time);
        listener.stepped(state.step(), after, time, loss);
        boolean validate = crossed(before, after, config.validations());
        if (validate && ranks.sum(network.finite() ? 0 : 1)[0] > 0) {
            goBack(number, "a weight became infinite or not a number");
            return;
        }
        if (validate || crossed(before, after, ROWS)) {
            record(validate);
        }
        if (validate || time - lastSave > MINUTES_BETWEEN_CHECKPOINTS) {
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
        if (state.watch().returns() >= TrainingHealth.MOST_RETURNS) {
            throw new AttunetException(
                    "training step " + number,
                    what + ", and going back with half the learning rate " + TrainingHealth.MOST_RETURNS
                            + " times did not help",
                    "a finite loss",
                    "choose a lower --lr; the weights of step " + state.bestStep() + " are kept"
                            + (run == null ? "" : " in " + run.weights()));
        }
        Checkpoint own = run == null ? Checkpoint.start() : Checkpoint.read(run.lastGood(), trained);
        Checkpoint good = own.fromFirst(ranks, trained);
        TrainingHealth before = state.watch();
        state = good.at(minutes())
                .with(before.wentBack(good.watch(), number, good.step(), what, config.learningRate()));
        tell(before);
        save();
    }

    private void tell(TrainingHealth before) {
        if (ranks.first()) {
            state.watch().newSince(before).forEach(listener::warned);
        }
    }

    private double rate(double progress) {
        return config.learningRate() * state.watch().rateFactor() * schedule.factor(progress);
    }

    /** Adds a row to the history, with a validation if asked. */
    private void record(boolean validate) {
        double progress = config.progress(state.step(), state.minutes());
        double rate = rate(progress);
        double loss = state.meanLoss();
        if (validate) {
            trained.fromFirst(ranks);
        }
        Validation.Outcome outcome = validate ? validation.measure(average.network()) : null;
        Double dice = outcome == null ? null : (Double) outcome.dice();
        if (outcome != null && dice != null) {
            boolean best = dice > state.best();
            if (best) {
                journal.saveBest();
            }
            state = state.afterValidation(dice);
            journal.scalar("validation/dice", state.step(), dice);
            if (ranks.first()) {
                listener.validated(state.step(), dice, best);
            }
            watch(outcome, progress);
        }
        journal.scalar("training/loss", state.step(), loss);
        journal.scalar("training/learning_rate", state.step(), rate);
        state.history().add(new History.Row(state.step(), minutes(), loss, dice, rate, waiting()));
        state = state.withoutLosses();
        if (validate) {
            // Before the checkpoint that goes on: a training that is killed between the two comes here again.
            journal.saveGood(state.at(minutes()));
        }
    }

    private void watch(Validation.Outcome outcome, double progress) {
        TrainingHealth before = state.watch();
        state = state.with(before.validated(outcome, state.step(), progress));
        tell(before);
        for (AttentionShare gate : outcome.attention().rows(state.step())) {
            journal.scalar("attention/" + gate.gate() + "/inside", gate.step(), gate.inside());
            journal.scalar("attention/" + gate.gate() + "/outside", gate.step(), gate.outside());
        }
    }

    private void save() {
        state = state.at(minutes());
        journal.save(state);
        if (ranks.first()) {
            listener.saved(state.step());
        }
        lastSave = time;
        ranks.meet(); // the others wait for what is written
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
    TorchNetwork network() {
        return network;
    }

    /** Frees the networks and stops the threads. */
    @Override
    public void close() {
        loader.close();
        journal.close();
        trainingStep.close();
        trained.close();
    }
}
