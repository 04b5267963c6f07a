package org.attunet.train;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Device;

/**
 * A training in small, by which a plan learns what the whole one will take: a few cases are prepared, the planned network
 * takes real steps on real batches for some seconds, and a few whole cases are predicted and measured. Leaves nothing.
 */
public final class TrialRun {
    private static final int CASES = 4;

    /** More, for the first few are looked at more closely than the others. */
    private static final int VALIDATED = 12;

    private static final int WARM_UP = 3;
    private static final int LEAST_STEPS = 5;
    private static final int MOST_STEPS = 400;

    private final ModelDescription model;
    private final TrainingConfig config;
    private final DataSet data;
    private final Split split;

    private TrialRun(Plan plan, DataSet data, Split split) {
        this.model = plan.model();
        this.config = plan.config();
        this.data = data;
        this.split = split;
    }

    /**
     * Measures.
     *
     * @param seconds about as long the steps are timed, above 0
     * @param openedSeconds what it took to open the data set, which the training does too
     * @param memoryBytes the most that prepared cases may take in the training
     * @param listener hears of each step and of the predictions as parts of a whole
     */
    public static CostEstimate of(
            Plan plan,
            DataSet data,
            Split split,
            double seconds,
            double openedSeconds,
            long memoryBytes,
            ProgressListener listener) {
        return new TrialRun(plan, data, split).measure(seconds, openedSeconds, memoryBytes, listener);
    }

    private CostEstimate measure(double seconds, double openedSeconds, long memoryBytes, ProgressListener listener) {
        List<Case> train = data.cases(split.train());
        List<Case> some = some(train, CASES);
        long started = System.nanoTime();
        CaseStore store = CaseStore.load(some, model.preprocessing(), model.labels(), memoryBytes, (done, total) -> {});
        double perCase = since(started) / some.size();
        Natives.threads(config.threads());
        var device = new Device(config.device());
        try (var network = TorchNetwork.create(model.network(), config.seed(), device);
                var average = new WeightAverage(
                        network, TorchNetwork.create(model.network(), config.seed(), device), config.average())) {
            double step = steps(store, network, average, seconds, listener);
            List<Case> validation = some(data.cases(split.validation()), VALIDATED);
            var held = new Validation(model, validation, config.device());
            held.measure(average.network());
            listener.at(80, 100);
            started = System.nanoTime();
            held.measure(average.network());
            double perValidation = since(started) * weight(data.cases(split.validation()), validation);
            listener.at(90, 100);
            List<Case> measured = data.cases(split.test().isEmpty() ? split.validation() : split.test());
            double evaluation = evaluation(average.network(), measured);
            listener.at(100, 100);
            int prepared = train.size() + split.validation().size();
            return new CostEstimate(
                    rounded(openedSeconds + perCase * prepared),
                    rounded(step),
                    rounded(perValidation),
                    rounded(evaluation),
                    memoryMib(store, train, memoryBytes));
        }
    }

    private double steps(
            CaseStore store, TorchNetwork network, WeightAverage average, double seconds, ProgressListener listener) {
        int unusual = WARM_UP + config.ahead(); // batches ready before the first step flatter the loader
        try (var optimizer = Optimizer.of(config.optimizer(), network.parameters(), config.weightDecay());
                var training = TrainingStep.of(network, optimizer, config);
                var loader = config.batches(store, model.patch(), 0, BatchShare.all(config.batch()))) {
            List<Double> times = new ArrayList<>();
            long started = System.nanoTime();
            for (int k = 1; k <= MOST_STEPS; k++) {
                long begin = System.nanoTime();
                long number = k;
                var batch = loader.next();
                NativeErrors.translate("training step " + k, () -> {
                    try (var scope = TensorScope.open()) {
                        double loss = training.take(
                                batch.inputTensor(), batch.targetTensor(), config.learningRate() / 10, number);
                        average.update(network, number);
                        return loss;
                    }
                });
                times.add(since(begin));
                listener.at((int) Math.min(70, 70 * since(started) / seconds), 100);
                if (k >= unusual + LEAST_STEPS && since(started) > seconds) {
                    break;
                }
            }
            List<Double> counted = times.subList(Math.min(unusual, times.size() - 1), times.size());
            return counted.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
    }

    private double evaluation(TorchNetwork network, List<Case> cases) {
        List<Case> some = some(cases, CASES);
        try (Segmenter segmenter =
                Segmenter.of(TorchEngine.borrowing(network, config.device()), model, SegmenterOptions.defaults())) {
            long started = System.nanoTime();
            Evaluation.of(segmenter, some, 1, (done, total) -> {});
            return since(started) * weight(cases, some);
        }
    }

    /** How many times the voxels of some cases all cases have. */
    private double weight(List<Case> all, List<Case> some) {
        long whole = CaseStore.estimate(all, model.preprocessing());
        long part = CaseStore.estimate(some, model.preprocessing());
        return part == 0 ? 1 : (double) whole / part;
    }

    /** What this process has taken, the cases that are still to be prepared added. */
    private long memoryMib(CaseStore store, List<Case> train, long memoryBytes) {
        long peak = ProcessMemory.peak();
        if (peak == 0) {
            return 0;
        }
        long here = store.size() * CaseStore.estimate(train, model.preprocessing()) / train.size();
        long kept = Math.min(memoryBytes, CaseStore.estimate(train, model.preprocessing()))
                + CaseStore.estimate(data.cases(split.validation()), model.preprocessing());
        return (peak + untouchedHeap(peak) + Math.max(0, kept - here)) >> 20;
    }

    /** What Java has reserved and not yet written to: a training that lasts writes to all of it. */
    private static long untouchedHeap(long peak) {
        long touched = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        long reserved = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        return Math.max(0, reserved - Math.min(peak, touched));
    }

    /** The first cases, and as the last one the largest of all, which takes the most memory. */
    private List<Case> some(List<Case> cases, int most) {
        if (cases.size() <= most) {
            return cases;
        }
        List<Case> some = new ArrayList<>(cases.subList(0, most - 1));
        cases.stream()
                .filter(one -> !some.contains(one))
                .max(Comparator.comparingLong(one -> CaseStore.estimate(List.of(one), model.preprocessing())))
                .ifPresent(some::add);
        return some;
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** To four digits behind the point: more would pretend. */
    private static double rounded(double seconds) {
        return Math.max(1e-4, Math.round(seconds * 1e4) / 1e4);
    }
}
