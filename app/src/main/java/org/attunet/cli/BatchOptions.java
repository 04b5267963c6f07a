package org.attunet.cli;

import static java.util.Objects.requireNonNullElse;

import org.attunet.patches.Augmentation;
import org.attunet.plan.TrainingConfig.BatchConfig;
import org.attunet.plan.TrainingConfig.ValidationConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of {@code train} that change the planned batches and validations. */
final class BatchOptions {
    @Option(names = "--batch", description = "Patches per step.")
    private @Nullable Integer batch;

    @Option(
            names = "--foreground",
            paramLabel = "SHARE",
            description = "Share of the patches that are centred on a structure, 0 to 1 (default: a third).")
    private @Nullable Double foreground;

    @Option(names = "--no-augmentation", description = "Train on unchanged patches.")
    private boolean noAugmentation;

    @Option(
            names = "--validations",
            paramLabel = "N",
            description = "How often the validation cases are predicted; the best weights are kept (default: 20).")
    private @Nullable Integer validations;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description = "Stop after N validations without a better Dice (default: never).")
    private @Nullable Integer earlyStopping;

    /** Refuses values out of range. */
    void check() {
        OptionRange.check("--batch", batch, n -> n >= 1 && n <= 4096, "a whole number from 1 to 4096");
        OptionRange.check("--foreground", foreground, n -> n >= 0 && n <= 1, "a share from 0 to 1");
        OptionRange.check("--validations", validations, n -> n >= 1, "a whole number from 1");
        OptionRange.check("--early-stopping", earlyStopping, n -> n >= 0, "a whole number from 0");
    }

    /** Whether the command line sets the patches per step. */
    boolean setsSize() {
        return batch != null;
    }

    BatchConfig batches(BatchConfig planned) {
        return new BatchConfig(
                requireNonNullElse(batch, planned.size()), requireNonNullElse(foreground, planned.foregroundShare()));
    }

    Augmentation augmentation(Augmentation planned) {
        return noAugmentation ? Augmentation.none() : planned;
    }

    ValidationConfig validation(ValidationConfig planned) {
        return new ValidationConfig(
                requireNonNullElse(validations, planned.count()),
                requireNonNullElse(earlyStopping, planned.earlyStopping()));
    }
}
