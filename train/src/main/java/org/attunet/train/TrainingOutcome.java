package org.attunet.train;

import java.util.List;
import org.attunet.report.AttentionShare;

/**
 * What remains of a training when its tensors are freed.
 *
 * @param history the course of the training
 * @param attention how open the gates were inside and outside the target, oldest first; empty without gates
 * @param warnings oldest first
 */
public record TrainingOutcome(
        Result result, History history, List<AttentionShare> attention, List<TrainingWarning> warnings) {
    /**
     * The result in numbers.
     *
     * @param best the validation Dice of the weights that were kept, 0 to 1
     * @param finished whether the run's end was reached; else the training was asked to stop and can be resumed
     * @param waiting the share of the time that training waited for batches
     */
    public record Result(long steps, double minutes, double best, long bestStep, boolean finished, double waiting) {}
}
