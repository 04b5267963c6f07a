package org.attunet.plan;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.util.function.Consumer;
import org.attunet.error.ConfigException;
import org.attunet.loss.Loss;
import org.attunet.patches.Augmentation;
import org.attunet.patches.BatchLoader;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.patches.Sampling;

/**
 * How a network is trained; what it is stands in its model's description.
 *
 * <p>A run ends after {@code steps}, or after {@code maxMinutes}, whichever comes first; 0 means no such end, and one of
 * the two is above 0. The learning rate follows the steps where they are given, and the time where only that is: a run
 * with {@code steps} is bit-identical each time on the same machine, one that ends by the clock can't be.
 *
 * @param steps training steps, or 0
 * @param maxMinutes minutes of training and validation, or 0
 * @param batch patches in a step, 1 or more
 * @param foregroundShare the share of patches, 0 to 1, centred on a structure
 * @param loss words for {@link Loss#parse}
 * @param optimizer the rule of the steps
 * @param learningRate the highest rate, above 0
 * @param weightDecay 0 or more
 * @param schedule how the rate falls
 * @param warmUp the share of the run over which the rate rises, 0 to 0.5
 * @param clip the greatest norm of the gradient, or 0 for no limit
 * @param average the weight of the past in the moving average of the weights, 0 to below 1
 * @param augmentation how patches are changed at random
 * @param validations how many times the validation cases are predicted in a run, 1 or more
 * @param earlyStopping validations without a better Dice after which training ends, or 0 for never
 * @param seed fixes the weights at the start, the batches and their changes
 * @param device "cpu" or "cuda"
 * @param threads of an operation on the CPU, 1 or more
 * @param copies of the network that share the weights and divide each batch among them, at most the batch; on a CPU two
 *     passes side by side are faster than one whose operations have twice the threads
 * @param workers threads that prepare batches, 1 or more
 * @param autocast whether convolutions run in bfloat16
 * @param syncBatchNorm whether batch normalisation and overlap losses take their sums over the patches of all ranks, as one
 *     process with one copy does; copies is then 1. Else each copy of each rank takes its own part's. Older files lack it:
 *     false
 */
@JsonAutoDetect(
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE,
        fieldVisibility = JsonAutoDetect.Visibility.ANY)
public record TrainingConfig(
        long steps,
        double maxMinutes,
        int batch,
        double foregroundShare,
        String loss,
        OptimizerRule optimizer,
        double learningRate,
        double weightDecay,
        Schedule.Shape schedule,
        double warmUp,
        double clip,
        double average,
        Augmentation augmentation,
        int validations,
        int earlyStopping,
        long seed,
        String device,
        int threads,
        int copies,
        int workers,
        boolean autocast,
        boolean syncBatchNorm) {

    /** Checks the ranges. */
    public TrainingConfig {
        check(steps >= 0, "steps", steps, "a number from 0");
        check(maxMinutes >= 0 && maxMinutes < 1e6, "maxMinutes", maxMinutes, "minutes from 0");
        check(steps > 0 || maxMinutes > 0, "steps", steps, "steps or maxMinutes above 0");
        check(batch >= 1 && batch <= 4096, "batch", batch, "a number from 1 to 4096");
        check(foregroundShare >= 0 && foregroundShare <= 1, "foregroundShare", foregroundShare, "a share from 0 to 1");
        check(learningRate > 0 && learningRate <= 10, "learningRate", learningRate, "a number above 0, at most 10");
        check(weightDecay >= 0 && weightDecay < 1, "weightDecay", weightDecay, "a number from 0 to below 1");
        check(warmUp >= 0 && warmUp <= 0.5, "warmUp", warmUp, "a share from 0 to 0.5");
        check(clip >= 0, "clip", clip, "a number from 0");
        check(average >= 0 && average < 1, "average", average, "a number from 0 to below 1");
        check(validations >= 1, "validations", validations, "a number from 1");
        check(earlyStopping >= 0, "earlyStopping", earlyStopping, "a number from 0");
        // A file may lack them.
        check(optimizer != null, "optimizer", "null", "adamw or sgd");
        check(schedule != null, "schedule", "null", "cosine, polynomial or constant");
        check(augmentation != null, "augmentation", "null", "the settings of the augmentation");
        check(device.equals("cpu") || device.equals("cuda"), "device", device, "cpu or cuda");
        check(threads >= 1 && threads <= 1024, "threads", threads, "a number from 1 to 1024");
        check(copies >= 1 && copies <= batch, "copies", copies, "a number from 1 to the batch's " + batch);
        check(
                !syncBatchNorm || copies == 1,
                "copies",
                copies,
                "1 with syncBatchNorm, for the ranks alone divide the batch");
        check(workers >= 1 && workers <= 1024, "workers", workers, "a number from 1 to 1024");
        check(
                !syncBatchNorm || !autocast,
                "syncBatchNorm",
                "true with autocast",
                "one of the two, for statistics in bfloat16 are too coarse to add up");
        Loss.parse(loss);
    }

    private static void check(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new ConfigException(name, value, expected);
        }
    }

    /**
     * Values that suit most data sets: AdamW at 0.002, cosine, Dice + cross-entropy, averaged weights, 30 minutes; no
     * augmentation, which {@link Plan} chooses by the data.
     */
    public static TrainingConfig defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TrainingConfig(
                0,
                30,
                4,
                1.0 / 3,
                Loss.standard().text(),
                OptimizerRule.ADAMW,
                2e-3,
                1e-4,
                Schedule.Shape.COSINE,
                0.05,
                5,
                0.995,
                Augmentation.none(),
                20,
                0,
                1,
                "cpu",
                cores,
                copies(4, cores, "cpu"),
                Math.max(1, Math.min(16, cores - 1)),
                false,
                false);
    }

    /**
     * Copies of the network among which a batch is best divided: none gets fewer than two patches, over which it then
     * takes its statistics, and a GPU needs no more than one.
     */
    public static int copies(int batch, int threads, String device) {
        return device.equals("cuda") ? 1 : Math.max(1, Math.min(batch / 2, threads));
    }

    /** Batches that are ready or under way while a step is taken. */
    public int ahead() {
        return 2 * workers + 1;
    }

    /**
     * The batches of the training.
     *
     * @param first the number of the first, 0 for a new training
     * @param slots of each batch that this process prepares
     */
    public BatchLoader batches(CaseStore store, int[] patch, long first, BatchShare slots) {
        var sampling = new Sampling(patch, batch, foregroundShare);
        return new BatchLoader(store, sampling, augmentation, seed, first, workers, ahead(), slots);
    }

    /** Refuses a number of ranks of which not each would have a patch. */
    public void checkRanks(int ranks) {
        check(ranks <= batch, "ranks", ranks, "at most the batch's " + batch + " patches");
    }

    /**
     * What each of several ranks uses of its machine: threads, copies and workers divided among those on it, at least 1 of
     * each, and no more copies than it has patches.
     *
     * @param neighbours ranks on the machine
     * @param ranks all of them
     */
    public TrainingConfig shared(int neighbours, int ranks) {
        return with(c -> {
            c.threads = Math.max(1, threads / neighbours);
            c.copies = Math.max(1, Math.min(copies / neighbours, batch / ranks));
            c.workers = Math.max(1, workers / neighbours);
        });
    }

    /** A copy with changes: {@code config.with(c -> c.batch = 2)}. */
    public TrainingConfig with(Consumer<Draft> changes) {
        var draft = new Draft(this);
        changes.accept(draft);
        return draft.config();
    }

    /** The values of a configuration while they are changed; what each means stands at the record. */
    public static final class Draft {
        public long steps;
        public double maxMinutes;
        public int batch;
        public double foregroundShare;
        public String loss;
        public OptimizerRule optimizer;
        public double learningRate;
        public double weightDecay;
        public Schedule.Shape schedule;
        public double warmUp;
        public double clip;
        public double average;
        public Augmentation augmentation;
        public int validations;
        public int earlyStopping;
        public long seed;
        public String device;
        public int threads;
        public int copies;
        public int workers;
        public boolean autocast;
        public boolean syncBatchNorm;

        private Draft(TrainingConfig from) {
            steps = from.steps;
            maxMinutes = from.maxMinutes;
            batch = from.batch;
            foregroundShare = from.foregroundShare;
            loss = from.loss;
            optimizer = from.optimizer;
            learningRate = from.learningRate;
            weightDecay = from.weightDecay;
            schedule = from.schedule;
            warmUp = from.warmUp;
            clip = from.clip;
            average = from.average;
            augmentation = from.augmentation;
            validations = from.validations;
            earlyStopping = from.earlyStopping;
            seed = from.seed;
            device = from.device;
            threads = from.threads;
            copies = from.copies;
            workers = from.workers;
            autocast = from.autocast;
            syncBatchNorm = from.syncBatchNorm;
        }

        private TrainingConfig config() {
            return new TrainingConfig(
                    steps,
                    maxMinutes,
                    batch,
                    foregroundShare,
                    loss,
                    optimizer,
                    learningRate,
                    weightDecay,
                    schedule,
                    warmUp,
                    clip,
                    average,
                    augmentation,
                    validations,
                    earlyStopping,
                    seed,
                    device,
                    threads,
                    copies,
                    workers,
                    autocast,
                    syncBatchNorm);
        }
    }

    /**
     * How much of the run is done, 0 to 1.
     *
     * @param step steps done
     * @param minutes spent
     */
    public double progress(long step, double minutes) {
        double byStep = steps == 0 ? 0 : (double) step / steps;
        double byTime = steps > 0 || maxMinutes == 0 ? 0 : minutes / maxMinutes;
        return Math.min(1, Math.max(byStep, byTime));
    }

    /** Whether the run's end is reached. */
    public boolean over(long step, double minutes) {
        return (steps > 0 && step >= steps) || (maxMinutes > 0 && minutes >= maxMinutes);
    }
}
