package org.attunet.train;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.TrainingConfig;
import org.jspecify.annotations.Nullable;

/**
 * How far the times of measured steps differ, and how busy other programs kept the processors meanwhile: on a busy machine one
 * number says little of what a training will take.
 *
 * @param low seconds of a step if the machine were free
 * @param high seconds of the slow steps: nine tenths of them took less
 * @param others the share of the processors' time that other programs took, 0 to 1; 0 if unknown
 */
public record StepSpread(double low, double high, double others) {
    private static final double WIDE = 1.5;
    private static final double BUSY = 0.2;

    /**
     * The spread of steps.
     *
     * @param seconds of each, at least one
     */
    static StepSpread of(List<Double> seconds, double others) {
        double[] sorted =
                seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double fast = sorted[sorted.length / 10];
        double high = sorted[Math.min(sorted.length - 1, sorted.length * 9 / 10)];
        double middle = sorted[sorted.length / 2];
        return new StepSpread(Math.min(fast, middle * (1 - others)), high, others);
    }

    /** Whether a range says more than one number. */
    public boolean isWide() {
        return high > WIDE * low || others > BUSY;
    }

    /** The cost with the fast or the slow steps. */
    public CostEstimate of(CostEstimate mean, boolean fast) {
        return new CostEstimate(
                mean.preparationSeconds(),
                Math.max(1e-9, fast ? low : high),
                mean.validationSeconds(),
                mean.evaluationSeconds(),
                mean.memoryMib());
    }

    /** Such as {@code 310 to 620 steps, 30.5 minutes from start to report}. */
    public String range(CostEstimate mean, TrainingConfig config) {
        CostEstimate fast = of(mean, true);
        CostEstimate slow = of(mean, false);
        double least = Math.min(fast.minutes(config), slow.minutes(config));
        double most = Math.max(fast.minutes(config), slow.minutes(config));
        long few = slow.steps(config);
        long many = fast.steps(config);
        return (few == many ? Long.toString(few) : few + " to " + many) + " steps, "
                + (most - least < 0.1
                        ? String.format(Locale.ROOT, "%.1f", most)
                        : String.format(Locale.ROOT, "%.1f to %.1f", least, most))
                + " minutes from start to report";
    }

    /** Why there is a range, in a sentence. */
    public String reason() {
        String busy = others > BUSY
                ? String.format(
                        Locale.ROOT,
                        "Other programs took %.0f%% of the processors' time while steps were measured",
                        100 * others)
                : "The steps' times differed";
        return String.format(
                Locale.ROOT,
                "%s: a step takes %.3g s if the machine is free, the slow ones took %.3g s.",
                busy,
                low,
                high);
    }

    /** Watches the processors from its construction on. */
    static final class Watch {
        private final @Nullable OperatingSystemMXBean system =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean known ? known : null;
        private final long began = System.nanoTime();
        private final long own = system == null ? 0 : system.getProcessCpuTime();

        Watch() {
            if (system != null) {
                system.getCpuLoad(); // which gives the load since its last call
            }
        }

        /** The share of the processors' time that other programs took; 0 if unknown. */
        double others() {
            if (system == null) {
                return 0;
            }
            double all = system.getCpuLoad();
            if (!(all > 0) || own < 0) {
                return 0;
            }
            double available = (double) (System.nanoTime() - began) * system.getAvailableProcessors();
            double mine = (system.getProcessCpuTime() - own) / Math.max(1, available);
            return Math.max(0, Math.min(0.95, all - mine));
        }
    }
}
