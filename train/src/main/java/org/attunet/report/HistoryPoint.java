package org.attunet.report;

import org.jspecify.annotations.Nullable;

/**
 * What was measured at one training step.
 *
 * @param step the step's number, ascending from point to point
 * @param minutes training time so far
 * @param loss the training loss; NaN where it was not measured
 * @param validationDice mean Dice on the validation cases, null where the step had no validation
 * @param learningRate the learning rate of the step
 */
public record HistoryPoint(
        int step, double minutes, double loss, @Nullable Double validationDice, double learningRate) {}
