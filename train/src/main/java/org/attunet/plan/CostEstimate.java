package org.attunet.plan;

import org.attunet.error.ConfigException;

/**
 * The expected cost of a training, from steps that were measured on this machine.
 *
 * @param preparationSeconds from the start to the first step
 * @param stepSeconds of a training step, including the wait for its batch
 * @param validationSeconds of one prediction of all validation cases
 * @param evaluationSeconds of the held-out cases' prediction and measures, and of the report
 * @param memoryMib the peak memory of the process in MiB, 0 if unknown
 */
public record CostEstimate(
        double preparationSeconds,
        double stepSeconds,
        double validationSeconds,
        double evaluationSeconds,
        long memoryMib) {
    /** Checks the ranges. */
    public CostEstimate {
        check("preparationSeconds", preparationSeconds, 0);
        check("stepSeconds", stepSeconds, 1e-9);
        check("validationSeconds", validationSeconds, 0);
        check("evaluationSeconds", evaluationSeconds, 0);
        check("memoryMib", (double) memoryMib, 0);
    }

    private static void check(String name, double value, double least) {
        String expected = least == 0 ? "a number from 0" : "a number above 0";
        ConfigException.check(value >= least && !Double.isInfinite(value), "expected." + name, value, expected);
    }

    /** The steps of a run. */
    public long steps(TrainingConfig config) {
        TrainingConfig.Length length = config.length();
        double byTime = length.maxMinutes() == 0
                ? Double.POSITIVE_INFINITY
                : (60 * length.maxMinutes() - config.validation().count() * validationSeconds) / stepSeconds;
        double bySteps = length.steps() == 0 ? Double.POSITIVE_INFINITY : length.steps();
        return Math.max(1, Math.round(Math.min(byTime, bySteps)));
    }

    /** The minutes of training and validation. */
    public double trainingMinutes(TrainingConfig config) {
        return (steps(config) * stepSeconds + config.validation().count() * validationSeconds) / 60;
    }

    /** The minutes from the start to the report. */
    public double minutes(TrainingConfig config) {
        return trainingMinutes(config) + (preparationSeconds + evaluationSeconds) / 60;
    }
}
