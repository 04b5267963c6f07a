package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a training has noticed about itself, kept in its checkpoint. Immutable.
 *
 * @param returns how many times it went back to its last good state; each halves the learning rate
 * @param skipped batches that were drawn beyond those of the steps that count. A training goes on with the batch after the
 *     one that it failed at, so that one bad batch is not met again: the batch of step n is number n - 1 + skipped
 * @param warnings one for each thing that is wrong, oldest first
 * @param attention a row for each gate and validation, oldest first
 */
record TrainingHealth(int returns, long skipped, List<TrainingWarning> warnings, List<AttentionShare> attention) {
    /** After so many returns a lower rate won't help. */
    static final int MOST_RETURNS = 5;

    private static final double TOLD_FROM = 1.0 / 3; // of the run; before, any label may still be missing

    /** Copies. */
    TrainingHealth {
        warnings = List.copyOf(warnings);
        attention = List.copyOf(attention);
    }

    /** Nothing yet. */
    static TrainingHealth none() {
        return new TrainingHealth(0, 0, List.of(), List.of());
    }

    /** The factor on the schedule's learning rate, 1 or less. */
    double rateFactor() {
        return Math.scalb(1.0, -returns);
    }

    /**
     * After the training went back.
     *
     * @param good the watch of the state that it went back to
     * @param failed the step that failed
     * @param to the good state's step
     * @param what failed, as the end of a sentence
     */
    TrainingHealth wentBack(TrainingHealth good, long failed, long to, String what, double learningRate) {
        double rate = learningRate * Math.scalb(1.0, -returns - 1);
        var told = new TrainingWarning(
                failed,
                "return " + (returns + 1),
                String.format(
                        Locale.ROOT,
                        "%s at step %d; the training went back to step %d and goes on with half the learning rate"
                                + " (%.3g at most). A lower --lr avoids it.",
                        what,
                        failed,
                        to,
                        rate));
        return new TrainingHealth(
                returns + 1,
                skipped + failed - to,
                Stream.concat(warnings.stream(), Stream.of(told)).toList(),
                good.attention);
    }

    /** After a validation: with its rows, and with warnings of exactly those labels that it never found. */
    TrainingHealth validated(Validation.Outcome outcome, long step, double progress) {
        List<TrainingWarning> told = new ArrayList<>(warnings);
        told.removeIf(warning -> warning.about().startsWith(SilentLabel.ABOUT)
                && outcome.silent().stream().noneMatch(label -> label.about().equals(warning.about())));
        for (SilentLabel label : outcome.silent()) {
            if (progress >= TOLD_FROM
                    && told.stream().noneMatch(warning -> warning.about().equals(label.about()))) {
                told.add(label.warning(step));
            }
        }
        List<AttentionShare> rows = new ArrayList<>(attention);
        rows.addAll(outcome.attention().rows(step));
        return new TrainingHealth(returns, skipped, told, rows);
    }

    /** The warnings that another watch has not. */
    List<TrainingWarning> newSince(TrainingHealth before) {
        return warnings.stream()
                .filter(warning -> !before.warnings.contains(warning))
                .toList();
    }
}
