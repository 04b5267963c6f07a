package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import org.attunet.error.ConfigException;
import org.attunet.loss.Loss;

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
 * @param augment whether patches are changed at random
 * @param validations how many times the validation cases are predicted in a run, 1 or more
 * @param earlyStopping validations without a better Dice after which training ends, or 0 for never
 * @param seed fixes the weights at the start, the batches and their changes
 * @param device "cpu" or "cuda"
 * @param threads of an operation on the CPU, 1 or more
 * @param workers threads that prepare batches, 1 or more
 * @param autocast whether convolutions run in bfloat16
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
        Optimizer.Rule optimizer,
        double learningRate,
        double weightDecay,
        Schedule.Shape schedule,
        double warmUp,
        double clip,
        double average,
        boolean augment,
        int validations,
        int earlyStopping,
        long seed,
        String device,
        int threads,
        int workers,
        boolean autocast) {

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
        check(device.equals("cpu") || device.equals("cuda"), "device", device, "cpu or cuda");
        check(threads >= 1 && threads <= 1024, "threads", threads, "a number from 1 to 1024");
        check(workers >= 1 && workers <= 1024, "workers", workers, "a number from 1 to 1024");
        Loss.parse(loss);
    }

    private static void check(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new ConfigException(name, value, expected);
        }
    }

    /** Values that suit most data sets: AdamW at 0.002, cosine, Dice + cross-entropy, averaged weights, 30 minutes. */
    public static TrainingConfig defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TrainingConfig(
                0,
                30,
                4,
                1.0 / 3,
                Loss.standard().text(),
                Optimizer.Rule.ADAMW,
                2e-3,
                1e-4,
                Schedule.Shape.COSINE,
                0.05,
                5,
                0.995,
                true,
                20,
                0,
                1,
                "cpu",
                cores,
                Math.max(1, Math.min(16, cores - 1)),
                false);
    }

    /** A copy that ends elsewhere: after steps (or 0) or minutes (or 0). */
    public TrainingConfig withEnd(long stepsValue, double maxMinutesValue) {
        return new TrainingConfig(
                stepsValue,
                maxMinutesValue,
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
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another number of patches in a step. */
    public TrainingConfig withBatch(int other) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                other,
                foregroundShare,
                loss,
                optimizer,
                learningRate,
                weightDecay,
                schedule,
                warmUp,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another share of patches on structures. */
    public TrainingConfig withForegroundShare(double other) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                batch,
                other,
                loss,
                optimizer,
                learningRate,
                weightDecay,
                schedule,
                warmUp,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another loss. */
    public TrainingConfig withLoss(String other) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                batch,
                foregroundShare,
                other,
                optimizer,
                learningRate,
                weightDecay,
                schedule,
                warmUp,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another weight decay. */
    public TrainingConfig withWeightDecay(double other) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                batch,
                foregroundShare,
                loss,
                optimizer,
                learningRate,
                other,
                schedule,
                warmUp,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another averaging of the weights. */
    public TrainingConfig withAverage(double other) {
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
                other,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with or without augmentation. */
    public TrainingConfig withAugment(boolean other) {
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
                other,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy that validates more or less often. */
    public TrainingConfig withValidations(int other) {
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
                augment,
                other,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another patience. */
    public TrainingConfig withEarlyStopping(int other) {
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
                augment,
                validations,
                other,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another seed. */
    public TrainingConfig withSeed(long other) {
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
                augment,
                validations,
                earlyStopping,
                other,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another rule and highest rate. */
    public TrainingConfig withOptimizer(Optimizer.Rule optimizerValue, double learningRateValue) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                batch,
                foregroundShare,
                loss,
                optimizerValue,
                learningRateValue,
                weightDecay,
                schedule,
                warmUp,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy with another course of the rate. */
    public TrainingConfig withSchedule(Schedule.Shape scheduleValue, double warmUpValue) {
        return new TrainingConfig(
                steps,
                maxMinutes,
                batch,
                foregroundShare,
                loss,
                optimizer,
                learningRate,
                weightDecay,
                scheduleValue,
                warmUpValue,
                clip,
                average,
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threads,
                workers,
                autocast);
    }

    /** A copy that runs elsewhere. */
    public TrainingConfig withDevice(String deviceValue, boolean autocastValue) {
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
                augment,
                validations,
                earlyStopping,
                seed,
                deviceValue,
                threads,
                workers,
                autocastValue);
    }

    /** A copy with other numbers of threads: of an operation, and that prepare batches. */
    public TrainingConfig withThreads(int threadsValue, int workersValue) {
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
                augment,
                validations,
                earlyStopping,
                seed,
                device,
                threadsValue,
                workersValue,
                autocast);
    }

    /**
     * How much of the run is done, 0 to 1.
     *
     * @param step steps done
     * @param minutes spent
     */
    double progress(long step, double minutes) {
        double byStep = steps == 0 ? 0 : (double) step / steps;
        double byTime = steps > 0 || maxMinutes == 0 ? 0 : minutes / maxMinutes;
        return Math.min(1, Math.max(byStep, byTime));
    }

    /** Whether the run's end is reached. */
    boolean over(long step, double minutes) {
        return (steps > 0 && step >= steps) || (maxMinutes > 0 && minutes >= maxMinutes);
    }
}
