package org.attunet.cli;

import static java.util.Objects.requireNonNullElse;

import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of {@code train} that change the planned device and the division of the work. */
final class ComputeOptions {
    @Option(names = "--device", description = "cpu, cuda or auto (default: the plan's, auto).")
    private @Nullable Device device;

    @Option(names = "--threads", description = "Threads of one operation (default: the number of cores).")
    private @Nullable Integer threads;

    @Option(
            names = "--copies",
            paramLabel = "N",
            description = "Copies of the network that divide each batch (default: one per two patches).")
    private @Nullable Integer copies;

    @Option(
            names = "--workers",
            description = "Threads that prepare batches (default: one less than the number of cores).")
    private @Nullable Integer workers;

    @Option(
            names = "--bf16",
            negatable = true,
            description = "Convolve in bfloat16 (autocast), or not (default: the plan's choice, which 'attunet plan'"
                    + " measures; else not).")
    private @Nullable Boolean bf16;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            defaultValue = "1",
            description = "Processes on this machine that train together, each on its share of every batch; they divide"
                    + " threads, copies and workers, and each keeps the cases in its own memory (default: 1).")
    int ranks;

    @Option(
            names = "--sync-batch-norm",
            description =
                    "Compute the statistics of batch normalisation and Dice over the patches of all ranks, so that"
                            + " the result does not depend on their number.")
    private boolean syncBatchNorm;

    /** Refuses values out of range. */
    void check() {
        OptionRange.check("--ranks", ranks, n -> n >= 1, "a whole number from 1");
        OptionRange.check("--copies", copies, n -> n >= 1, "a whole number from 1");
        OptionRange.check("--threads", threads, n -> n >= 1 && n <= 1024, "a whole number from 1 to 1024");
        OptionRange.check("--workers", workers, n -> n >= 1 && n <= 1024, "a whole number from 1 to 1024");
    }

    /**
     * Returns the planned settings, changed by these options.
     *
     * @param batch patches per step
     * @param batchSet whether the command line sets them
     * @param keepDevice whether the planned device is the default rather than auto
     */
    ComputeConfig compute(ComputeConfig planned, int batch, boolean batchSet, boolean keepDevice) {
        OptionRange.check("--copies", copies, n -> n <= batch, "at most the batch's " + batch + " patches");
        OptionRange.check("--ranks", ranks, n -> n <= batch, "at most the batch's " + batch + " patches");
        String used = device == null && keepDevice
                ? planned.device()
                : requireNonNullElse(device, Device.AUTO).library();
        int usedThreads = requireNonNullElse(threads, planned.threads());
        boolean sync = syncBatchNorm || planned.syncBatchNorm();
        boolean asPlanned = !batchSet && threads == null && used.equals(planned.device());
        int usual = asPlanned ? planned.copies() : ComputeConfig.usualCopies(batch, usedThreads, used);
        return new ComputeConfig(
                used,
                usedThreads,
                requireNonNullElse(copies, sync ? 1 : usual),
                requireNonNullElse(workers, planned.workers()),
                requireNonNullElse(bf16, planned.autocast() && !sync),
                sync);
    }

    /** Whether the command line sets the number type. */
    boolean setsNumberType() {
        return bf16 != null;
    }

    /** Returns a begun training's settings with the device and the division of the work that the options give. */
    ComputeConfig divided(ComputeConfig begun) {
        return (device == null ? begun : begun.withDevice(device.library()))
                .divided(
                        requireNonNullElse(threads, begun.threads()),
                        requireNonNullElse(copies, begun.copies()),
                        requireNonNullElse(workers, begun.workers()));
    }
}
