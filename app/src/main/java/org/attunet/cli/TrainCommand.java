package org.attunet.cli;

import static java.util.Objects.requireNonNullElse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.console.PixelSizeOption;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.io.ProcessLock;
import org.attunet.plan.NumberType;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.BatchConfig;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.attunet.tensor.Processor;
import org.attunet.train.CrossValidation;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.ResumedSettings;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet train}: trains and measures a network. */
@Command(
        name = "train",
        description = {
            "Train a network on a data set and measure it on a fifth of the cases that is held out.",
            "DATA holds images/ and masks/ (matched by name), or imagesTr/, labelsTr/ and dataset.json; --images and"
                    + " --masks name other folders. Ctrl-C saves."
        },
        footer = {
            "",
            "Examples:",
            "  attunet train data -o run --max-minutes 20",
            "  attunet train --images scans --masks annotations -o run",
            "  attunet train data -o run --plan plan.yaml",
            "  attunet train data -o run --resume",
            "  attunet train data -o run --folds 5 --max-minutes 60",
            "  attunet train data -o run --ranks 2",
            "  attunet train data -o run --from model.zip --max-minutes 10",
            "  attunet train data -o run --network unet --widths 32,64,128,256 --loss dice+focal --steps 5000"
        })
final class TrainCommand extends AttunetCommand {
    private static final int DEFAULT_FOLDS = 5;

    @Parameters(index = "0", arity = "0..1", paramLabel = "DATA", description = "The data set's folder.")
    private @Nullable Path data;

    @Mixin
    private DataFolderOptions dataFolders;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "RUN",
            description = "The run folder to create.")
    private Path output;

    @Option(
            names = "--max-minutes",
            paramLabel = "N",
            description = "Minutes of training (default: 30, unless --steps is given).")
    private @Nullable Double maxMinutes;

    @Option(names = "--steps", paramLabel = "N", description = "Training steps; the result is then reproducible.")
    private @Nullable Long steps;

    @Option(
            names = "--resume",
            description = "Continue the training in RUN with its own settings; starts one if there is none.")
    private boolean resume;

    @Option(
            names = "--folds",
            arity = "0..1",
            fallbackValue = "5",
            paramLabel = "N",
            description = "Cross-validate: train N networks (default: 5), each without one of nnU-Net's folds, into"
                    + " RUN/fold_0 and so on; each case is then measured by the network that hasn't seen it. 'predict"
                    + " RUN' averages them. Each fold gets the whole budget.")
    private @Nullable Integer folds;

    @Option(
            names = "--fold",
            paramLabel = "K",
            description = "Train only this fold, from 0; folds can be trained in any order.")
    private @Nullable Integer fold;

    @Option(
            names = "--all-cases",
            description = "Hold no cases out, for the final model; train without this option first to measure it.")
    private boolean allCases;

    @Option(
            names = "--cases",
            paramLabel = "N",
            description = "Use at most N cases, drawn by the seed, of which a fifth is held out: for a quick try.")
    private @Nullable Integer cases;

    @Option(
            names = "--from",
            paramLabel = "MODEL",
            description = "Start from a trained model's weights: a run, a bundle, or .pt, .pth or .safetensors. The"
                    + " network is then the model's, unless options change it.")
    private @Nullable Path from;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Train by this plan of 'attunet plan', which you can edit; other options override it"
                    + " (default: a new plan).")
    private @Nullable Path planFile;

    @Option(
            names = "--seed",
            description = "Seed of the split, the initial weights and the batches (default: the plan's, 1).")
    private @Nullable Long seed;

    @Mixin
    private NetworkOptions networkOptions;

    @Mixin
    private OptimizationOptions optimizationOptions;

    @Mixin
    private BatchOptions batchOptions;

    @Mixin
    private ComputeOptions computeOptions;

    @Mixin
    private PixelSizeOption pixelSize;

    @Override
    public Integer call() {
        check();
        if (!resume) {
            OutputFolder.withoutRun(output);
        }
        long started = System.nanoTime();
        DataSet set = open(dataFolders.folders(data), pixelSize, dataFolders.ignored(begun(), data));
        if (folds != null || fold != null || CrossValidation.isIn(output)) {
            return crossValidate(set);
        }
        Run run = Run.create(output);
        try (ProcessLock lock = run.lock()) {
            if (!resume) {
                OutputFolder.withoutRun(output); // again, because another process may have made one meanwhile
            }
            return train(run, set, started);
        }
    }

    /** The training in the folder that is continued, or one of its folds; null if none has begun. */
    private @Nullable Run begun() {
        if (CrossValidation.isIn(output)) {
            return CrossValidation.open(output).begun().stream().findFirst().orElse(null);
        }
        return Files.exists(output.resolve("training.json")) ? Run.create(output) : null;
    }

    private void check() {
        OptionRange.checkLength(maxMinutes, steps);
        OptionRange.check("--folds", folds, n -> n >= 2 && n <= 100, "a whole number from 2 to 100");
        OptionRange.check("--cases", cases, n -> n >= 1, "a whole number from 1");
        OptionRange.check("--fold", fold, n -> n >= 0, "a whole number from 0");
        networkOptions.check();
        optimizationOptions.check();
        batchOptions.check();
        computeOptions.check();
    }

    private int train(Run run, DataSet set, long started) {
        boolean begun = hasTraining(run);
        TrainingJob job;
        Plan plan; // null for a run of an older version
        if (begun) {
            job = resumed(run, set);
            plan = Files.exists(run.plan()) ? Plan.read(run.plan()) : null;
        } else {
            PretrainedWeights start = pretrained();
            plan = plan(set, start);
            Split split = split(set, plan.config().seed());
            job = new TrainingJob(plan.model(), plan.config(), set, split).startingFrom(start);
            run = run.planned(plan);
        }
        describe(job);
        List<String> warnings = check(set).notes(job.split());
        console().warnings(warnings);
        TrainingSession session = TrainingSession.run(console(), run, job, computeOptions.ranks, warnings);
        if (!session.stopped() && plan != null && !(begun && Files.exists(run.summary()))) {
            Double seconds = begun ? null : (System.nanoTime() - started) / 1e9;
            new TrainingCost(session.result(), plan, seconds).report(console(), run);
        }
        return session.print(console(), run, "");
    }

    private int crossValidate(DataSet set) {
        if (cases != null) {
            throw new AttunetException(
                    "--cases",
                    "given with folds, which use all cases",
                    "one of the two",
                    "leave out --cases or the folds");
        }
        if (allCases) {
            throw new AttunetException(
                    "--all-cases",
                    "given with folds, each of which holds cases out",
                    "one of the two",
                    "leave out --folds or --all-cases");
        }
        int count = folds != null
                ? folds
                : CrossValidation.isIn(output)
                        ? CrossValidation.open(output).folds().count()
                        : DEFAULT_FOLDS;
        List<Run> begun =
                CrossValidation.isIn(output) ? CrossValidation.open(output).begun() : List.of();
        if (!begun.isEmpty() && begun.size() < count && from == null) {
            from = PretrainedWeights.source(begun.get(0)).orElse(null);
        }
        PretrainedWeights start = pretrained();
        Plan plan = begun.isEmpty() ? plan(set, start) : begunPlan(begun, set);
        return new FoldsSession(console(), output, count, fold, resume, start, computeOptions.ranks)
                .run(set, check(set), plan);
    }

    /** The plan of the folds that have begun, which options may not contradict; warns if the folds differ. */
    private Plan begunPlan(List<Run> begun, DataSet set) {
        Run first = begun.get(0);
        first.requireReading(set);
        ResumedSettings settings = ResumedSettings.of(first);
        settings.requireStart(from, PretrainedWeights.source(first));
        settings.require(wanted(settings, set, Files.exists(first.takenOver())));
        for (Run other : begun.subList(1, begun.size())) {
            Map<String, String> differences =
                    settings.differences(ResumedSettings.of(other).plan());
            if (!differences.isEmpty()) {
                console()
                        .warnings(List.of("the folds are trained by different settings: " + other.folder() + " has "
                                + ResumedSettings.text(differences)));
            }
        }
        Plan plan = Files.exists(first.plan()) ? Plan.read(first.plan()) : settings.plan();
        return new Plan(plan.model(), withWork(first.config()), plan.reasons(), plan.expected());
    }

    private @Nullable PretrainedWeights pretrained() {
        return from == null ? null : PretrainedWeights.read(from);
    }

    private Split split(DataSet set, long splitSeed) {
        Split split = Split.of(set, splitSeed);
        if (allCases) {
            split = split.holdingOut(List.of());
        }
        return cases == null ? split : split.withCases(cases);
    }

    /** The training in a run, on its own data and with its own settings, which options may not contradict. */
    private TrainingJob resumed(Run run, DataSet set) {
        TrainingJob job =
                TrainingJob.of(run, set, Split.of(set, 1), note -> console().notes(List.of(note)));
        var settings = new ResumedSettings(run.folder(), job.model(), job.config());
        settings.requireStart(from, PretrainedWeights.source(run));
        if (allCases && job.holdsOut()) {
            throw settings.refused(
                    "--all-cases is given, but " + job.split().test().size() + " cases are held out");
        }
        int used = job.split().count();
        if (cases != null && used != Math.min(cases, set.cases().size())) {
            throw settings.refused("--cases is " + cases + ", but " + used + " cases are used");
        }
        settings.require(wanted(settings, set, Files.exists(run.takenOver())));
        return new TrainingJob(job.model(), withWork(job.config()), set, job.split());
    }

    /** The settings of a begun training on the device and with the division of the work that the options give. */
    private TrainingConfig withWork(TrainingConfig begun) {
        ComputeConfig compute = computeOptions.divided(begun.compute());
        console().notes(ResumedSettings.changes(begun.compute(), compute));
        return begun.with(compute);
    }

    /**
     * The settings that this command asks for: those of a begun training, or of the plan file, changed by the options.
     *
     * @param transferred whether the training took its network over from another model
     */
    private Plan wanted(ResumedSettings begun, DataSet set, boolean transferred) {
        if (planFile == null) {
            return changed(begun.plan(), null);
        }
        Plan plan = Plan.read(planFile, set);
        if (!begun.config().compute().autocast()) {
            plan = plan.on(Processor.here(), warned -> {}); // as when it began
        }
        ModelDescription model = plan.model()
                .withNetwork(
                        transferred ? begun.model().network() : plan.model().network());
        return changed(new Plan(model, plan.config()), null);
    }

    /** The plan of a file, else a new one, changed by the options; changes to a file's plan are printed. */
    private Plan plan(DataSet set, @Nullable PretrainedWeights start) {
        Plan plan = planFile != null
                ? Plan.read(planFile, set)
                : plan(
                        set,
                        split(set, requireNonNullElse(seed, 1L)),
                        new Plan.Budget(0, requireNonNullElse(maxMinutes, 0.0), requireNonNullElse(steps, 0L)),
                        networkOptions.resize());
        Plan changed = changed(plan, start);
        if (planFile == null) {
            return changed;
        }
        plan.differences(changed).forEach((key, change) -> message("note: " + key + " is " + change + " in the plan"));
        return computeOptions.setsNumberType()
                ? changed
                : changed.on(Processor.here(), warning -> console().warnings(List.of(warning)));
    }

    /** A plan changed by the options. */
    private Plan changed(Plan plan, @Nullable PretrainedWeights start) {
        return plan.with(networkOptions.model(plan.model(), start), config(plan.config()), "the command line");
    }

    private TrainingConfig config(TrainingConfig planned) {
        BatchConfig batches = batchOptions.batches(planned.batches());
        return new TrainingConfig(
                steps == null && maxMinutes == null
                        ? planned.length()
                        : new TrainingConfig.Length(requireNonNullElse(steps, 0L), requireNonNullElse(maxMinutes, 0.0)),
                batches,
                optimizationOptions.optimization(planned.optimization()),
                batchOptions.augmentation(planned.augmentation()),
                batchOptions.validation(planned.validation()),
                requireNonNullElse(seed, planned.seed()),
                computeOptions.compute(planned.compute(), batches.size(), batchOptions.setsSize(), planFile != null));
    }

    /** Whether the folder holds a training with its settings, if only just begun. */
    private static boolean hasTraining(Run run) {
        boolean begun = Files.exists(run.training());
        if (!begun && (Files.exists(run.weights()) || Files.exists(run.checkpoint()))) {
            throw new AttunetException(
                    run.folder(),
                    "it holds weights but no training.json, like an imported model",
                    "a training to continue",
                    "choose another folder with -o");
        }
        return begun;
    }

    private void describe(TrainingJob job) {
        DataSet set = job.data();
        ComputeConfig compute = job.config().compute();
        int used = job.split().count();
        String all = Wording.counted(set.cases().size(), "case");
        message((used < set.cases().size() ? used + " of " + all : all) + ": " + Wording.of(job.split()) + "; labels "
                + set.labels());
        console().notes(job.split().notes());
        message(Wording.of(job.model().network()) + "; patch "
                + Arrays.toString(job.model().patch()) + ", batch "
                + job.config().batches().size() + ", " + compute.device() + (compute.autocast() ? ", bfloat16" : ""));
        String obstacle = NumberType.obstacle(compute, Processor.here());
        if (compute.autocast() && obstacle != null) {
            console().warnings(List.of("bfloat16 is slow here: " + obstacle));
        }
    }
}
