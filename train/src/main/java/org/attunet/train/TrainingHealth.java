package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.report.AttentionShare;

/**
 * What a training has noticed about itself, kept in its checkpoint. Immutable.
 *
 * @param returns how many times it went back to its last good state; each halves the learning rate
 * @param skipped batches that were drawn beyond those of the steps that count. A training that went back continues with the
 *     batch after the one that failed, so that one bad batch is not met again: the batch of step n is number
 *     n - 1 + skipped
 * @param warnings one for each problem, oldest first
 * @param attention a row for each gate and validation, oldest first
 */
record TrainingHealth(int returns, long skipped, List<TrainingWarning> warnings, List<AttentionShare> attention) {
    /** After so many returns a lower rate won't help. */
    static final int MOST_RETURNS = 5;

    private static final String BLANK = "validation";
    private static final double WARNED_FROM = 1.0 / 3; // of the run; before, any label may still be missing

    /** Copies. */
    TrainingHealth {
        warnings = List.copyOf(warnings);
        attention = List.copyOf(attention);
    }

    /** The health of a new training. */
    static TrainingHealth none() {
        return new TrainingHealth(0, 0, List.of(), List.of());
    }

    /** The factor on the schedule's learning rate, 1 or less. */
    double rateFactor() {
        return Math.scalb(1.0, -returns);
    }

    /**
     * The health after the training went back.
     *
     * @param good the state that it went back to
     * @param failed the step that failed
     * @param what failed, as the beginning of a sentence
     */
    TrainingHealth wentBack(Checkpoint good, long failed, String what, double learningRate) {
        double rate = learningRate * Math.scalb(1.0, -returns - 1);
        String text = String.format(
                Locale.ROOT,
                "%s at step %d; the training went back to step %d and continues with half the learning rate"
                        + " (%.3g at most). A lower --lr avoids it.",
                what,
                failed,
                good.step(),
                rate);
        var warning = new TrainingWarning(failed, "return " + (returns + 1), text);
        return new TrainingHealth(
                returns + 1,
                skipped + failed - good.step(),
                Stream.concat(warnings.stream(), Stream.of(warning)).toList(),
                good.health().attention);
    }

    /**
     * The health after a validation: with its rows, and with warnings of exactly those labels that were never found and of
     * masks that hold nothing to find.
     */
    TrainingHealth validated(Validation.Outcome outcome, long step, double progress) {
        List<TrainingWarning> all = new ArrayList<>(warnings);
        all.removeIf(warning -> warning.about().startsWith(SilentLabel.ABOUT)
                && outcome.silent().stream().noneMatch(label -> label.about().equals(warning.about())));
        for (SilentLabel label : outcome.silent()) {
            if (progress >= WARNED_FROM
                    && all.stream().noneMatch(warning -> warning.about().equals(label.about()))) {
                all.add(label.warning(step));
            }
        }
        if (outcome.blank() && all.stream().noneMatch(warning -> warning.about().equals(BLANK))) {
            all.add(new TrainingWarning(
                    step,
                    BLANK,
                    "No mask of the validation cases has a label, so nothing tells which weights are the best, and the last"
                            + " are kept. Another --seed draws other cases; more annotated cases make this unlikely."));
        }
        List<AttentionShare> rows = new ArrayList<>(attention);
        rows.addAll(outcome.attention().rows(step));
        return new TrainingHealth(returns, skipped, all, rows);
    }

    /** The warnings that an earlier state lacks. */
    List<TrainingWarning> newSince(TrainingHealth before) {
        return warnings.stream()
                .filter(warning -> !before.warnings.contains(warning))
                .toList();
    }

    /** The attention at one validation. */
    List<AttentionShare> attentionAt(long step) {
        return attention.stream().filter(share -> share.step() == step).toList();
    }

    /** The attention as comma-separated values with a header. */
    String attentionCsv() {
        StringBuilder csv = new StringBuilder("step,gate,inside,outside\n");
        for (AttentionShare row : attention) {
            csv.append(String.format(
                    Locale.ROOT, "%d,%s,%.6f,%.6f%n", row.step(), row.gate(), row.inside(), row.outside()));
        }
        return csv.toString();
    }
}
