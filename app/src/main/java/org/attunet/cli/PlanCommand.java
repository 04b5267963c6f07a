package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.console.MemorySizeConverter;
import org.attunet.console.PixelSizeOption;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.train.TrainingJob;
import org.attunet.train.TrialRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet plan}: chooses the settings of a training for a data set, with the reason of each. */
@Command(
        name = "plan",
        description = {
            "Plan a training: look at every case that isn't held out, choose network, preprocessing, patch and training"
                    + " settings by rules, and give the reason of each.",
            "Then take real steps for some seconds, choose bfloat16 where it is measured faster, and estimate the minutes"
                    + " and the memory of the training. 'train --plan' takes the file, which you can edit."
        },
        footer = {
            "",
            "Examples:",
            "  attunet plan data -o plan.yaml",
            "  attunet plan data -o plan.yaml --memory 4g --max-minutes 60",
            "  attunet train data -o run --plan plan.yaml"
        })
final class PlanCommand extends AttunetCommand {
    private static final double SECONDS = 15;

    @Parameters(index = "0", arity = "0..1", paramLabel = "DATA", description = "The data set's folder.")
    private @Nullable Path data;

    @Mixin
    private DataFolderOptions dataFolders;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The YAML file to write (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = "--memory",
            converter = MemorySizeConverter.class,
            paramLabel = "SIZE",
            description = "The most memory for the training, such as 4g; batch, patch and widths are reduced to fit.")
    private @Nullable Long memory;

    @Option(
            names = "--max-minutes",
            paramLabel = "N",
            description = "Minutes of training (default: 30); widths are halved if it is too short for them.")
    private @Nullable Double maxMinutes;

    @Mixin
    private SizeOptions sizes;

    @Option(names = "--seed", description = "Selects the held-out cases (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--device", description = "cpu, cuda or auto (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Option(
            names = "--no-measure",
            description = "Take no steps; bfloat16 is then not tried, and minutes and memory are not estimated.")
    private boolean noMeasure;

    @Mixin
    private PixelSizeOption pixelSize;

    /** The steps and minutes to expect on a machine that is busy; null otherwise. */
    private @Nullable String range;

    @Override
    public Integer call() {
        if (output != null && Files.isDirectory(output)) {
            throw new AttunetException(output, "it is a folder", "a file to write", "name it, such as plan.yaml");
        }
        OptionRange.checkLength(maxMinutes, null);
        OptionRange.check("--memory", memory, n -> n > 0, "a size above 0, such as 4g");
        sizes.check();
        var budget = new Plan.Budget(memory == null ? 0 : memory, maxMinutes == null ? 0 : maxMinutes);
        long began = System.nanoTime();
        DataSet set = open(dataFolders.folders(data), pixelSize, dataFolders.ignored());
        double opened = (System.nanoTime() - began) / 1e9;
        Split split = Split.of(set, seed);
        Plan planned = plan(set, split, budget, sizes.resize());
        TrainingConfig config =
                planned.config().withSeed(seed).with(planned.config().compute().withDevice(device.library()));
        Plan plan = planned.with(sizes.model(planned.model()), config, "the command line");
        Plan result = noMeasure ? plan : measured(plan, set, split, opened);
        if (output != null) {
            result.write(output);
        }
        result(() -> json(result), () -> text(result));
        return ExitCode.OK;
    }

    private Plan measured(Plan plan, DataSet set, Split split, double opened) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Taking steps")) {
            TrainingJob job = new TrainingJob(plan.model(), plan.config(), set, split);
            TrialRun.Result trial = TrialRun.of(job, SECONDS, opened, progress::reached);
            CostEstimate expected = trial.cost();
            if (memory != null && expected.memoryMib() << 20 > memory) {
                message("note: " + expected.memoryMib() + " MiB were measured, more than --memory; give less to have"
                        + " the plan reduced further");
            }
            Plan measured = plan.with(trial.numbers()).measured(expected);
            if (!trial.spread().isWide()) {
                return measured;
            }
            range = trial.spread().range(expected, measured.config());
            return measured.withReason("expected.stepSeconds", trial.spread().reason() + " So expect " + range + ".");
        }
    }

    private static ObjectNode json(Plan plan) {
        ObjectNode json = plan.toTree();
        plan.reasons().forEach(json.putObject("reasons")::put);
        CostEstimate expected = plan.expected();
        if (expected != null) {
            json.withObject("/expected")
                    .put("steps", expected.steps(plan.config()))
                    .put("minutes", expected.minutes(plan.config()));
        }
        return json;
    }

    private String text(Plan plan) {
        if (output == null) {
            return plan.toYaml();
        }
        var text = new StringBuilder(Wording.of(plan.model().network()) + "\n");
        plan.reasons()
                .forEach((key, reason) ->
                        text.append(key).append(": ").append(reason).append('\n'));
        CostEstimate expected = plan.expected();
        if (expected != null) {
            String about = range != null
                    ? range
                    : Wording.format(
                            "%d steps, %.1f minutes from start to report",
                            expected.steps(plan.config()), expected.minutes(plan.config()));
            text.append(Wording.format("expected: %s, %.1f GiB of memory%n", about, expected.memoryMib() / 1024.0));
        }
        return text + "plan: " + output + "\ntrain by it: attunet train " + dataFolders.words(data) + " -o run --plan "
                + output;
    }
}
