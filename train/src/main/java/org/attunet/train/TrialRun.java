package org.attunet.train;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.metrics.Tolerance;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.NumberType;
import org.attunet.plan.TrainingConfig;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.tensor.Processor;
import org.attunet.torch.TorchNetwork;

/**
 * A short trial of a training, which measures what the whole one will take: it prepares a few cases, takes real steps of the
 * planned network in float32 and bfloat16 for some seconds, then only in the faster type, and predicts and measures a few
 * whole cases. Leaves nothing behind.
 */
public final class TrialRun {
    private static final int CASES = 4;

    /** More, because validation looks at the first few cases more closely than at the others. */
    private static final int VALIDATED = 12;

    private static final int WARM_UP = 3;
    private static final int LEAST_STEPS = 5;
    private static final int MOST_STEPS = 400;

    /** The time to compare number types, as a share of that for the steps. */
    private static final double COMPARISON = 0.4;

    private final TrainingJob job;
    private final ModelDescription model;
    private final TrainingConfig config;
    private final ProgressListener listener;

    private TrialRun(TrainingJob job, ProgressListener listener) {
        this.job = job;
        this.model = job.model();
        this.config = job.config();
        this.listener = listener;
    }

    /**
     * What was measured.
     *
     * @param numbers the number type to train in
     * @param cost of the training in it
     * @param spread of the steps' times
     */
    public record Result(NumberType numbers, CostEstimate cost, StepSpread spread) {}

    /**
     * Measures a training.
     *
     * @param seconds for which about the steps are timed, above 0
     * @param openedSeconds the time to open the data set, which the training needs too
     * @param listener is notified of the progress in percent
     */
    public static Result of(TrainingJob job, double seconds, double openedSeconds, ProgressListener listener) {
        return new TrialRun(job, listener).measure(seconds, openedSeconds);
    }

    private Result measure(double seconds, double openedSeconds) {
        List<Case> train = job.data().cases(job.split().train());
        List<Case> validation = job.data().cases(job.split().validation());
        List<Case> some = some(train, CASES);
        long started = System.nanoTime();
        CaseStore store =
                CaseStore.load(some, model.preprocessing(), model.labels(), job.memoryBytes(), ProgressListener.NONE);
        double perCase = since(started) / some.size();
        Natives.threads(config.compute().threads());
        NumberType numbers = numbers(store, COMPARISON * seconds);
        TrainingConfig chosen = config.with(config.compute().withAutocast(numbers.bfloat16()));
        try (var trained = new TrainedState(model, chosen, ProcessGroup.alone())) {
            var watch = new StepSpread.Watch();
            List<Double> steps = stepSeconds(store, trained, seconds);
            StepSpread spread = StepSpread.of(steps, watch.others());
            double step =
                    steps.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            List<Case> validated = some(validation, VALIDATED);
            var held = new Validation(model, validated, config.compute().device(), ProcessGroup.alone());
            held.measure(trained.averaged());
            listener.at(80, 100);
            started = System.nanoTime();
            held.measure(trained.averaged());
            double perValidation = since(started) * weight(validation, validated);
            listener.at(90, 100);
            double evaluation = evaluation(trained.averaged(), job.measuredCases());
            listener.at(100, 100);
            var cost = new CostEstimate(
                    rounded(openedSeconds + perCase * (train.size() + validation.size())),
                    rounded(step),
                    rounded(perValidation),
                    rounded(evaluation),
                    memoryMib(store, train, validation));
            return new Result(numbers, cost, spread);
        }
    }

    private NumberType numbers(CaseStore store, double seconds) {
        String obstacle = NumberType.obstacle(config.compute(), Processor.here());
        if (obstacle != null) {
            return NumberType.withoutTrial(obstacle);
        }
        try (var loader = config.loader(
                store, model.patch(), 0, BatchShare.all(config.batches().size()))) {
            return NumberTypeTrial.of(
                    model, config, loader::next, seconds, (done, all) -> listener.at(20 * done / all, 100));
        }
    }

    private List<Double> stepSeconds(CaseStore store, TrainedState trained, double seconds) {
        // Batches that were prepared before the first step make the loader look faster than it is.
        int uncounted = WARM_UP + config.compute().ahead();
        double rate = config.optimization().learningRate() / 10;
        var slots = BatchShare.all(config.batches().size());
        try (var loader = config.loader(store, model.patch(), 0, slots)) {
            List<Double> times = new ArrayList<>();
            long started = System.nanoTime();
            for (int k = 1; k <= MOST_STEPS; k++) {
                long begin = System.nanoTime();
                trained.step(loader.next(), rate, k);
                times.add(since(begin));
                listener.at((int) Math.min(70, 20 + 50 * since(started) / seconds), 100);
                if (k >= uncounted + LEAST_STEPS && since(started) > seconds) {
                    break;
                }
            }
            return times.subList(Math.min(uncounted, times.size() - 1), times.size());
        }
    }

    private double evaluation(TorchNetwork network, List<Case> cases) {
        List<Case> some = some(cases, CASES);
        var engine = TorchEngine.borrowing(network, config.compute().device());
        try (Segmenter segmenter = Segmenter.of(engine, model, SegmenterOptions.defaults())
                .withObjects(job.data().hasObjects() ? ObjectScore.START : null)) {
            long started = System.nanoTime();
            Evaluation.of(segmenter, some, Tolerance.DEFAULT, ProgressListener.NONE);
            return since(started) * weight(cases, some);
        }
    }

    /** The voxels of all cases in those of some. */
    private double weight(List<Case> all, List<Case> some) {
        long whole = CaseStore.estimate(all, model.preprocessing());
        long part = CaseStore.estimate(some, model.preprocessing());
        return part == 0 ? 1 : (double) whole / part;
    }

    /** The memory that this process has taken, and that of the cases that it has not prepared. */
    private long memoryMib(CaseStore store, List<Case> train, List<Case> validation) {
        long peak = ProcessMemory.peak();
        if (peak == 0) {
            return 0;
        }
        long all = CaseStore.estimate(train, model.preprocessing());
        long here = store.size() * all / train.size();
        long kept = Math.min(job.memoryBytes(), all) + CaseStore.estimate(validation, model.preprocessing());
        return (peak + untouchedHeap(peak) + Math.max(0, kept - here)) >> 20;
    }

    /** The heap that Java has reserved and not yet written to; a long training writes to all of it. */
    private static long untouchedHeap(long peak) {
        long touched = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        long reserved = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        return Math.max(0, reserved - Math.min(peak, touched));
    }

    /** The first cases, and last the largest of the others, which takes the most memory. */
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

    /** Rounded to 0.1 ms, because more digits mean nothing. */
    private static double rounded(double seconds) {
        return Math.max(1e-4, Math.round(seconds * 1e4) / 1e4);
    }
}
