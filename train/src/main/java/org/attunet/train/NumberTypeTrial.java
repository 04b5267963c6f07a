package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.ProgressListener;
import org.attunet.patches.Batch;
import org.attunet.plan.NumberType;
import org.attunet.plan.NumberType.Pair;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Processor;

/**
 * A few steps of a training in float32 and in bfloat16, from the same weights, on the same batches, in turn: what slows the
 * machine down meanwhile slows both. The type that goes first alternates.
 */
final class NumberTypeTrial implements AutoCloseable {
    private static final int WARM_UP = 2;

    /** The pairs that decide for bfloat16 if it wins all of them or all but one, at least: see {@link NumberType}. */
    private static final int[] DECISIVE = {7, 11};

    private static final int MOST_PAIRS = 60;

    private final TrainedState single;
    private final TrainedState half;
    private final Supplier<Batch> batches;
    private final double rate;

    private NumberTypeTrial(ModelDescription model, TrainingConfig config, Supplier<Batch> batches) {
        ComputeConfig compute = config.compute();
        this.single = new TrainedState(model, config.with(compute.withAutocast(false)), ProcessGroup.alone());
        try {
            this.half = new TrainedState(model, config.with(compute.withAutocast(true)), ProcessGroup.alone());
        } catch (RuntimeException | Error e) {
            single.close();
            throw e;
        }
        this.batches = batches;
        this.rate = config.optimization().learningRate() / 10;
    }

    /**
     * Chooses the number type of a training.
     *
     * @param batches of the training; as many as are asked for are taken
     * @param seconds for which about the steps are timed; slow steps of which bfloat16's are faster take longer
     * @param listener is notified of the progress in percent
     */
    static NumberType of(
            ModelDescription model,
            TrainingConfig config,
            Supplier<Batch> batches,
            double seconds,
            ProgressListener listener) {
        try (var trial = new NumberTypeTrial(model, config, batches)) {
            ComputeConfig compute = config.compute();
            String machine = compute.device().equals("cpu")
                    ? Processor.here().name() + ", " + compute.threads()
                            + (compute.threads() == 1 ? " thread" : " threads")
                    : compute.device();
            return NumberType.of(trial.pairs(seconds, listener), machine);
        }
    }

    private List<Pair> pairs(double seconds, ProgressListener listener) {
        for (int k = 1; k <= WARM_UP; k++) {
            pair(k);
        }
        List<Pair> pairs = new ArrayList<>();
        long started = System.nanoTime();
        double taken = 0;
        while ((taken < seconds && pairs.size() < MOST_PAIRS) || undecided(pairs)) {
            pairs.add(pair(WARM_UP + pairs.size() + 1));
            taken = (System.nanoTime() - started) / 1e9;
            listener.at((int) Math.min(100, 100 * taken / seconds), 100);
        }
        return pairs;
    }

    /** Whether a few more pairs can decide for bfloat16. */
    private static boolean undecided(List<Pair> pairs) {
        int lost = (int) pairs.stream().filter(pair -> !pair.won()).count();
        return lost < DECISIVE.length && pairs.size() < DECISIVE[lost];
    }

    private Pair pair(int number) {
        Batch batch = batches.get();
        boolean singleFirst = number % 2 == 0;
        Timed first = timed(singleFirst ? single : half, batch, number);
        Timed second = timed(singleFirst ? half : single, batch, number);
        Timed float32 = singleFirst ? first : second;
        Timed bfloat16 = singleFirst ? second : first;
        return new Pair(float32.seconds, bfloat16.seconds, float32.loss, bfloat16.loss);
    }

    private record Timed(double seconds, double loss) {}

    private Timed timed(TrainedState state, Batch batch, int number) {
        long begin = System.nanoTime();
        double loss = state.step(batch, rate, number);
        return new Timed(Math.max(1, System.nanoTime() - begin) / 1e9, loss);
    }

    @Override
    public void close() {
        half.close();
        single.close();
    }
}
