package org.attunet.cli;

import static java.util.Objects.requireNonNullElse;

import java.util.Locale;
import org.attunet.error.ConfigException;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.Optimization;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of {@code train} that change the planned loss, optimizer and schedule. */
final class OptimizationOptions {
    @Option(
            names = "--loss",
            description = "A sum of ce, dice, focal(g), tversky(a,b), focal-tversky(a,b,g), with weights: 0.5*dice+ce"
                    + " (default: dice+ce).")
    private @Nullable String loss;

    @Option(names = "--optimizer", description = "adamw or sgd (default: adamw).")
    private @Nullable OptimizerRule optimizer;

    @Option(names = "--lr", description = "The highest learning rate (default: 0.002 for adamw, 0.01 for sgd).")
    private @Nullable Double learningRate;

    @Option(names = "--schedule", description = "cosine, polynomial (poly) or constant (default: cosine).")
    private @Nullable String schedule;

    @Option(
            names = "--warm-up",
            paramLabel = "SHARE",
            description = "Share of the run with a rising learning rate, 0 to 0.5 (default: 0.05).")
    private @Nullable Double warmUp;

    @Option(names = "--weight-decay", paramLabel = "N", description = "Weight decay (default: 0.0001).")
    private @Nullable Double weightDecay;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            description = "The greatest norm of the gradient, 0 for no limit (default: 5).")
    private @Nullable Double clip;

    @Option(
            names = "--average",
            paramLabel = "N",
            description = "Decay of the moving average of the weights, 0 for no averaging (default: 0.995).")
    private @Nullable Double average;

    /** Refuses values out of range. */
    void check() {
        OptionRange.check("--lr", learningRate, n -> n > 0 && n <= 10, "a number above 0, at most 10");
        OptionRange.check("--warm-up", warmUp, n -> n >= 0 && n <= 0.5, "a share from 0 to 0.5");
        OptionRange.check("--weight-decay", weightDecay, n -> n >= 0 && n < 1, "a number from 0 to below 1");
        OptionRange.check("--clip", clip, n -> n >= 0 && n < Double.POSITIVE_INFINITY, "a number from 0");
        OptionRange.check("--average", average, n -> n >= 0 && n < 1, "a number from 0 to below 1");
    }

    /** Returns the planned settings, changed by these options. */
    Optimization optimization(Optimization planned) {
        Schedule usual = planned.schedule();
        return new Optimization(
                requireNonNullElse(loss, planned.loss()),
                requireNonNullElse(optimizer, planned.rule()),
                requireNonNullElse(learningRate, usualRate(planned)),
                requireNonNullElse(weightDecay, planned.weightDecay()),
                new Schedule(
                        schedule == null ? usual.shape() : shape(schedule), requireNonNullElse(warmUp, usual.warmUp())),
                requireNonNullElse(clip, planned.clip()),
                requireNonNullElse(average, planned.average()));
    }

    /** The planned learning rate, or the usual one of another optimizer. */
    private double usualRate(Optimization planned) {
        if (optimizer == null || optimizer == planned.rule()) {
            return planned.learningRate();
        }
        return optimizer == OptimizerRule.SGD
                ? 0.01
                : TrainingConfig.defaults().optimization().learningRate();
    }

    private static Schedule.Shape shape(String word) {
        for (Schedule.Shape shape : Schedule.Shape.values()) {
            if (word.length() >= 4 && Wording.word(shape).startsWith(word.toLowerCase(Locale.ROOT))) {
                return shape;
            }
        }
        throw new ConfigException("--schedule", word, "cosine, polynomial or constant");
    }
}
