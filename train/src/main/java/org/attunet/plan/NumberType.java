package org.attunet.plan;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.attunet.error.ConfigException;
import org.attunet.tensor.Processor;
import org.jspecify.annotations.Nullable;

/**
 * The number type of a training's convolutions, float32 or bfloat16, chosen by steps of both that were timed in turn.
 *
 * <p>bfloat16 has 8 significant bits, so it must pay: it is chosen if a sign test over the pairs of steps shows that it is at
 * least {@value #MARGIN} times as fast, and if both have the same loss.
 *
 * @param bfloat16 whether it is bfloat16
 * @param reason a sentence for the plan
 */
public record NumberType(boolean bfloat16, String reason) {
    /** The path of the setting in files. */
    static final String SETTING = "training.autocast";

    /** The gain below which bfloat16 isn't worth its rounding. */
    private static final double MARGIN = 1.1;

    /** The probability that a type which is no faster than the margin is chosen by chance. */
    private static final double LEVEL = 0.01;

    /** The relative difference of the mean losses above which they disagree. */
    private static final double SAME_LOSS = 0.05;

    /**
     * A step in float32 and one in bfloat16 on the same batch, each after the same steps in its own type.
     *
     * @param float32Seconds above 0
     * @param bfloat16Seconds above 0
     * @param float32Loss before the step; may not be finite
     * @param bfloat16Loss before the step; may not be finite
     */
    public record Pair(double float32Seconds, double bfloat16Seconds, double float32Loss, double bfloat16Loss) {
        /** Checks the ranges. */
        public Pair {
            ConfigException.check(float32Seconds > 0, "float32Seconds", float32Seconds, "seconds above 0");
            ConfigException.check(bfloat16Seconds > 0, "bfloat16Seconds", bfloat16Seconds, "seconds above 0");
        }

        /** Whether bfloat16 was faster by the margin. */
        public boolean won() {
            return float32Seconds >= MARGIN * bfloat16Seconds;
        }
    }

    /**
     * Chooses by timed steps.
     *
     * @param pairs 1 or more
     * @param machine that took them, such as "AMD EPYC, 2 threads"
     */
    public static NumberType of(List<Pair> pairs, String machine) {
        String single = times(pairs, Pair::float32Seconds);
        String half = times(pairs, Pair::bfloat16Seconds);
        long won = pairs.stream().filter(Pair::won).count();
        String measured = String.format(
                Locale.ROOT,
                "%d pairs of steps in turn, in %d of which bfloat16 was at least %s times as fast; measured on %s",
                pairs.size(),
                won,
                MARGIN,
                machine);
        if (signTest(won, pairs.size()) >= LEVEL) {
            return new NumberType(
                    false,
                    "float32 " + single + ", bfloat16 " + half + " a step: not reliably faster (" + measured + ").");
        }
        double expected =
                pairs.stream().mapToDouble(Pair::float32Loss).average().orElseThrow();
        double found = pairs.stream().mapToDouble(Pair::bfloat16Loss).average().orElseThrow();
        boolean same = Math.abs(found - expected) <= SAME_LOSS * Math.abs(expected); // false if one is not finite
        String losses = String.format(Locale.ROOT, "mean loss %.4g and %.4g", expected, found);
        return new NumberType(
                same,
                same
                        ? "bfloat16 " + half + ", float32 " + single + " a step, " + losses + " (" + measured + ")."
                        : "float32 " + single + " a step: bfloat16 takes " + half + ", but its loss differs, " + losses
                                + " (" + measured + ").");
    }

    /**
     * Why bfloat16 can't be used or can't be faster with these settings on this machine, without a full stop.
     *
     * @return null if it has to be measured
     */
    public static @Nullable String obstacle(TrainingConfig.ComputeConfig compute, Processor processor) {
        if (compute.syncBatchNorm()) {
            return "statistics over the patches of all ranks need float32";
        }
        if (!compute.device().equals("cpu") || processor.hasBfloat16()) {
            return null;
        }
        return processor.flags().isEmpty()
                ? "it isn't known whether this processor (" + processor.name() + ") computes in bfloat16"
                : "this processor (" + processor.name() + ") has no instructions for bfloat16";
    }

    /** float32 because of an {@link #obstacle}. */
    public static NumberType withoutTrial(String obstacle) {
        return new NumberType(false, "float32, because " + obstacle + ".");
    }

    /** The probability of so many wins or more among so many fair trials. */
    private static double signTest(long won, int trials) {
        double tail = 0;
        double term = Math.pow(0.5, trials); // of no win
        for (int k = 0; k <= trials; k++) {
            tail += k >= won ? term : 0;
            term *= (trials - k) / (k + 1.0);
        }
        return tail;
    }

    private static String times(List<Pair> pairs, ToDoubleFunction<Pair> seconds) {
        double[] sorted = pairs.stream().mapToDouble(seconds).sorted().toArray();
        double median = (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
        return median < 1
                ? String.format(Locale.ROOT, "%.3g ms", 1e3 * median)
                : String.format(Locale.ROOT, "%.2f s", median);
    }
}
