package org.attunet.plan;

import org.attunet.error.ConfigException;

/**
 * What a training will take, from steps that were measured on the machine at hand.
 *
 * @param preparationSeconds from the start to the first step
 * @param stepSeconds of a training step, the waiting for its batch counted
 * @param validationSeconds of one prediction of all validation cases
 * @param evaluationSeconds of the held-out cases' prediction and measures, and of the report
 * @param memoryMib the most that the process will hold in RAM, in MiB; 0 where the system doesn't tell
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
        if (!(value >= least) || Double.isInfinite(value)) {
            throw new ConfigException("expected." + name, value, least == 0 ? "a number from 0" : "a number above 0");
        }
    }

    /** The steps that a run of such a length takes. */
    public long steps(TrainingConfig config) {
        TrainingConfig.Length length = config.length();
        double byTime = length.maxMinutes() == 0
                ? Double.POSITIVE_INFINITY
                : (60 * length.maxMinutes() - config.validation().count() * validationSeconds) / stepSeconds;
        double bySteps = length.steps() == 0 ? Double.POSITIVE_INFINITY : length.steps();
        return Math.max(1, Math.round(Math.min(byTime, bySteps)));
    }

    /** The minutes of steps and validations. */
    public double trainingMinutes(TrainingConfig config) {
        return (steps(config) * stepSeconds + config.validation().count() * validationSeconds) / 60;
    }

    /** The minutes from the start to the report. */
    public double minutes(TrainingConfig config) {
        return trainingMinutes(config) + (preparationSeconds + evaluationSeconds) / 60;
    }
}
