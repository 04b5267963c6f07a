package org.attunet.report;

import org.jspecify.annotations.Nullable;

/**
 * One row of a training's history.
 *
 * @param step steps done, ascending from point to point
 * @param minutes spent in training and validation
 * @param loss the mean training loss since the row before; NaN if it was not measured
 * @param validationDice mean Dice of the validation cases, 0 to 1; null if they were not predicted at this step
 * @param learningRate at this step
 * @param waiting the share of the time, 0 to 1, that training has waited for batches
 */
public record HistoryPoint(
        long step, double minutes, double loss, @Nullable Double validationDice, double learningRate, double waiting) {}
