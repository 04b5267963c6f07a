package org.attunet.plan;

import static org.attunet.error.ConfigException.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.attunet.error.ConfigException;
import org.attunet.io.Json;
import org.attunet.loss.Loss;
import org.attunet.patches.Augmentation;
import org.attunet.patches.BatchLoader;
import org.attunet.patches.BatchShare;
import org.attunet.patches.CaseStore;
import org.attunet.patches.Sampling;

/**
 * How a network is trained; the network itself is described by its model. In files all settings stand side by side, without
 * the groups.
 *
 * @param length when a run ends
 * @param batches the patches of a step
 * @param optimization the loss and how the weights follow its gradient
 * @param augmentation random changes of the patches
 * @param validation how often the validation cases are predicted
 * @param seed fixes the initial weights, the batches and their augmentation
 * @param compute the device and how the work is divided
 */
public record TrainingConfig(
        Length length,
        BatchConfig batches,
        Optimization optimization,
        Augmentation augmentation,
        ValidationConfig validation,
        long seed,
        ComputeConfig compute) {
    private static final String AUGMENTATION = "augmentation";

    /** Checks the settings that depend on each other. */
    public TrainingConfig {
        check(augmentation != null, AUGMENTATION, "null", "the settings of the augmentation"); // a file may lack it
        int copies = compute.copies;
        check(copies <= batches.size, "copies", copies, "a number from 1 to the batch's " + batches.size);
    }

    /**
     * The length of a run. It ends after {@code steps} or {@code maxMinutes}, whichever comes first; one of them is above 0.
     *
     * <p>The learning rate follows the steps if they are given, else the time. A run with {@code steps} is bit-identical
     * each time on the same machine; one that ends by the clock is not.
     *
     * @param steps training steps, 0 for no limit
     * @param maxMinutes minutes of training and validation, 0 for no limit
     */
    public record Length(long steps, double maxMinutes) {
        /** Checks the ranges. */
        public Length {
            check(steps >= 0, "steps", steps, "a number from 0");
            check(maxMinutes >= 0 && maxMinutes < 1e6, "maxMinutes", maxMinutes, "minutes from 0");
            check(steps > 0 || maxMinutes > 0, "steps", steps, "steps or maxMinutes above 0");
        }

        /** The share of the run, 0 to 1, that is done after so many steps and minutes. */
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

    /**
     * The patches of a step.
     *
     * @param size patches in a step, 1 to 4096; {@code batch} in files
     * @param foregroundShare the share of patches, 0 to 1, centred on a structure
     */
    public record BatchConfig(@JsonProperty("batch") int size, double foregroundShare) {
        /** Checks the ranges. */
        public BatchConfig {
            check(size >= 1 && size <= 4096, "batch", size, "a number from 1 to 4096");
            check(
                    foregroundShare >= 0 && foregroundShare <= 1,
                    "foregroundShare",
                    foregroundShare,
                    "a share from 0 to 1");
        }

        /** The same share in batches of another size. */
        public BatchConfig withSize(int other) {
            return new BatchConfig(other, foregroundShare);
        }
    }

    /**
     * The loss and the steps along its gradient.
     *
     * @param loss an expression for {@link Loss#parse}
     * @param rule of the steps; {@code optimizer} in files
     * @param learningRate the highest rate, above 0
     * @param weightDecay 0 to below 1
     * @param schedule of the learning rate
     * @param clip the greatest norm of the gradient, 0 for no limit
     * @param average the decay of the moving average of the weights, 0 (none) to below 1
     */
    public record Optimization(
            String loss,
            @JsonProperty("optimizer") OptimizerRule rule,
            double learningRate,
            double weightDecay,
            @JsonProperty("rate") Schedule schedule,
            double clip,
            double average) {
        /** Checks the ranges. */
        public Optimization {
            check(rule != null, "optimizer", "null", "adamw or sgd"); // a file may lack it
            check(learningRate > 0 && learningRate <= 10, "learningRate", learningRate, "a number above 0, at most 10");
            check(weightDecay >= 0 && weightDecay < 1, "weightDecay", weightDecay, "a number from 0 to below 1");
            check(clip >= 0, "clip", clip, "a number from 0");
            check(average >= 0 && average < 1, "average", average, "a number from 0 to below 1");
            Loss.parse(loss);
        }

        /** The learning rate after a share, 0 to 1, of the run. */
        public double rate(double progress) {
            return learningRate * schedule.factor(progress);
        }

        /** The same with another highest rate. */
        public Optimization withLearningRate(double rate) {
            return new Optimization(loss, rule, rate, weightDecay, schedule, clip, average);
        }
    }

    /**
     * The validation of a run.
     *
     * @param count of validations in a run, 1 or more; {@code validations} in files
     * @param earlyStopping validations without a better Dice after which training ends, 0 for never
     */
    public record ValidationConfig(
            @JsonProperty("validations") int count, int earlyStopping) {
        /** Checks the ranges. */
        public ValidationConfig {
            check(count >= 1, "validations", count, "a number from 1");
            check(earlyStopping >= 0, "earlyStopping", earlyStopping, "a number from 0");
        }
    }

    /**
     * The device and how the work is divided.
     *
     * @param device "cpu" or "cuda"
     * @param threads of an operation on the CPU, 1 to 1024
     * @param copies of the network that share the weights and divide each batch among them, at most the batch; on a CPU
     *     two passes side by side are faster than one whose operations have twice the threads
     * @param workers threads that prepare batches, 1 to 1024
     * @param autocast whether convolutions run in bfloat16
     * @param syncBatchNorm whether batch normalisation and overlap losses take their sums over the patches of all ranks, as
     *     one process with one copy does; copies is then 1. Else each copy of each rank takes those of its own part. Files
     *     of older versions lack it: false
     */
    public record ComputeConfig(
            String device, int threads, int copies, int workers, boolean autocast, boolean syncBatchNorm) {
        /** Checks the ranges. */
        public ComputeConfig {
            check("cpu".equals(device) || "cuda".equals(device), "device", String.valueOf(device), "cpu or cuda");
            check(threads >= 1 && threads <= 1024, "threads", threads, "a number from 1 to 1024");
            check(copies >= 1, "copies", copies, "a number from 1");
            String alone = "1 with syncBatchNorm, because the ranks alone divide the batch";
            check(!syncBatchNorm || copies == 1, "copies", copies, alone);
            check(workers >= 1 && workers <= 1024, "workers", workers, "a number from 1 to 1024");
            String coarse = "one of the two, because statistics in bfloat16 are too coarse to add up";
            check(!syncBatchNorm || !autocast, "syncBatchNorm", "true with autocast", coarse);
        }

        /**
         * The number of copies among which a batch is best divided: each gets at least two patches for its statistics, and a
         * GPU needs only one.
         */
        public static int usualCopies(int batch, int threads, String device) {
            return device.equals("cuda") ? 1 : Math.max(1, Math.min(batch / 2, threads));
        }

        /** The number of batches that are ready or being prepared during a step. */
        public int ahead() {
            return 2 * workers + 1;
        }

        /** The same on another device. */
        public ComputeConfig withDevice(String other) {
            return new ComputeConfig(other, threads, copies, workers, autocast, syncBatchNorm);
        }

        /** The same with convolutions in bfloat16 or not. */
        public ComputeConfig withAutocast(boolean other) {
            return new ComputeConfig(device, threads, copies, workers, other, syncBatchNorm);
        }

        /** The same with the work divided otherwise. */
        public ComputeConfig divided(int otherThreads, int otherCopies, int otherWorkers) {
            return new ComputeConfig(device, otherThreads, otherCopies, otherWorkers, autocast, syncBatchNorm);
        }
    }

    /**
     * Values that suit most data sets: AdamW at 0.002, cosine, Dice + cross-entropy, averaged weights, 30 minutes; no
     * augmentation, which {@link Plan} chooses by the data.
     */
    public static TrainingConfig defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        int copies = ComputeConfig.usualCopies(4, cores, "cpu");
        var schedule = new Schedule(Schedule.Shape.COSINE, 0.05);
        return new TrainingConfig(
                new Length(0, 30),
                new BatchConfig(4, 1.0 / 3),
                new Optimization(Loss.standard().text(), OptimizerRule.ADAMW, 2e-3, 1e-4, schedule, 5, 0.995),
                Augmentation.none(),
                new ValidationConfig(20, 0),
                1,
                new ComputeConfig("cpu", cores, copies, Math.max(1, Math.min(16, cores - 1)), false, false));
    }

    /** The same with another length. */
    public TrainingConfig with(Length other) {
        return new TrainingConfig(other, batches, optimization, augmentation, validation, seed, compute);
    }

    /** The same with other batches. */
    public TrainingConfig with(BatchConfig other) {
        return new TrainingConfig(length, other, optimization, augmentation, validation, seed, compute);
    }

    /** The same with another loss or optimizer. */
    public TrainingConfig with(Optimization other) {
        return new TrainingConfig(length, batches, other, augmentation, validation, seed, compute);
    }

    /** The same with another augmentation. */
    public TrainingConfig with(Augmentation other) {
        return new TrainingConfig(length, batches, optimization, other, validation, seed, compute);
    }

    /** The same with other validations. */
    public TrainingConfig with(ValidationConfig other) {
        return new TrainingConfig(length, batches, optimization, augmentation, other, seed, compute);
    }

    /** The same with another seed. */
    public TrainingConfig withSeed(long other) {
        return new TrainingConfig(length, batches, optimization, augmentation, validation, other, compute);
    }

    /** The same on another device or with the work divided otherwise. */
    public TrainingConfig with(ComputeConfig other) {
        return new TrainingConfig(length, batches, optimization, augmentation, validation, seed, other);
    }

    /**
     * The loader of the training's batches.
     *
     * @param first the number of the first, 0 for a new training
     * @param slots of each batch that this process prepares
     */
    public BatchLoader loader(CaseStore store, int[] patch, long first, BatchShare slots) {
        var sampling = new Sampling(patch, batches.size, batches.foregroundShare);
        return new BatchLoader(store, sampling, augmentation, seed, first, compute.workers, compute.ahead(), slots);
    }

    /** Refuses a number of ranks that leaves one without a patch. */
    public void checkRanks(int ranks) {
        check(ranks <= batches.size, "ranks", ranks, "at most the batch's " + batches.size + " patches");
    }

    /**
     * The part of one of several ranks: threads, copies and workers are divided among those on its machine, at least 1 of
     * each, and there are no more copies than patches of a rank.
     *
     * @param neighbours ranks on the machine
     * @param ranks all of them
     */
    public TrainingConfig shared(int neighbours, int ranks) {
        return with(compute.divided(
                Math.max(1, compute.threads / neighbours),
                Math.max(1, Math.min(compute.copies / neighbours, batches.size / ranks)),
                Math.max(1, compute.workers / neighbours)));
    }

    /** The settings side by side, as they stand in {@code training.json} and {@code plan.yaml}. */
    public ObjectNode toTree() {
        ObjectNode flat = Json.OWN.createObjectNode();
        flatten(Json.OWN.valueToTree(this), flat);
        return flat;
    }

    private static void flatten(JsonNode grouped, ObjectNode flat) {
        grouped.properties().forEach(field -> {
            if (field.getValue().isObject() && !field.getKey().equals(AUGMENTATION)) {
                flatten(field.getValue(), flat);
            } else {
                flat.set(field.getKey(), field.getValue());
            }
        });
    }

    /**
     * Reads what {@link #toTree} returned.
     *
     * @throws JsonProcessingException if a key is unknown, or a value is of another kind or out of its range, which is then
     *     the cause
     */
    public static TrainingConfig ofTree(JsonNode tree) throws JsonProcessingException {
        if (!(tree instanceof ObjectNode flat)) {
            throw new ConfigException("training", tree, "an object of settings");
        }
        ObjectNode unknown = flat.deepCopy();
        ObjectNode grouped = Json.OWN.createObjectNode();
        group(unknown, Json.OWN.valueToTree(defaults()), grouped);
        return Json.OWN.treeToValue(grouped.setAll(unknown), TrainingConfig.class); // which refuses unknown keys
    }

    /** Moves settings into groups like those of an example. */
    private static void group(ObjectNode flat, JsonNode example, ObjectNode grouped) {
        example.properties().forEach(field -> {
            String key = field.getKey();
            if (field.getValue().isObject() && !key.equals(AUGMENTATION)) {
                group(flat, field.getValue(), grouped.putObject(key));
            } else if (flat.has(key)) {
                grouped.set(key, flat.remove(key));
            }
        });
    }
}
