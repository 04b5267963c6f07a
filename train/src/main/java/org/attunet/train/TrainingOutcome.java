package org.attunet.train;

import java.util.List;

/**
 * What is left of a training when its tensors are gone.
 *
 * @param history a row now and then
 * @param attention how open the gates were inside and outside the target, oldest first
 * @param warnings a sentence or two each
 */
public record TrainingOutcome(
        Trainer.Result result, History history, List<AttentionShare> attention, List<String> warnings) {
    /** The course of a training that has come to a result. */
    public static TrainingOutcome of(Trainer trainer, Trainer.Result result) {
        return new TrainingOutcome(
                result,
                trainer.history(),
                trainer.attention(),
                trainer.warnings().stream().map(TrainingWarning::text).toList());
    }
}
