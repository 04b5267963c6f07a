package org.attunet.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkVariant;
import org.attunet.patches.Augmentation;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Plan;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.train.FoldRuns;
import org.attunet.train.PretrainedWeights;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet train}: a data set to a run. */
@Command(
        name = "train",
        description = {
            "Train a network on a data set and measure it on a fifth of the cases that is held out.",
            "DATA holds images/ and masks/ (matched by name), or imagesTr/, labelsTr/ and dataset.json. Ctrl-C saves."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet train data -o run --max-minutes 20",
            "  attunet train data -o run --plan plan.yaml",
            "  attunet train data -o run --resume",
            "  attunet train data -o run --folds 5 --max-minutes 60",
            "  attunet train data -o run --ranks 2",
            "  attunet train data -o run --from model.zip --max-minutes 10",
            "  attunet train data -o run --network unet --widths 32,64,128,256 --loss dice+focal --steps 5000"
        })
final class TrainCommand extends AttunetCommand {
    @Parameters(index = "0", paramLabel = "DATA", description = "The data set's folder.")
    private Path data;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "RUN",
            description = "The run folder to make.")
    private Path output;

    @Option(names = "--max-minutes", paramLabel = "N", description = "Train so long (default: 30, unless --steps).")
    private @Nullable Double maxMinutes;

    @Option(names = "--steps", paramLabel = "N", description = "Train so many steps; the result is then reproducible.")
    private @Nullable Long steps;

    @Option(
            names = "--resume",
            description = "Go on with the training in RUN, with its own settings; starts it where there is none.")
    private boolean resume;

    @Option(
            names = "--folds",
            arity = "0..1",
            fallbackValue = "5",
            paramLabel = "N",
            description = "Cross-validate: train N networks (default: 5), each without one of nnU-Net's folds, into"
                + " RUN/fold_0 and so on; each case is then measured by the network that hasn't seen it. 'predict RUN'"
                + " averages them. The budget is each fold's.")
    private @Nullable Integer folds;

    @Option(
            names = "--fold",
            paramLabel = "K",
            description = "Train this fold only, from 0; folds may be trained in any order.")
    private @Nullable Integer fold;

    @Option(
            names = "--all-cases",
            description =
                    "Hold none out, for the model that goes into use: first learn from a training without this how"
                            + " good it is.")
    private boolean allCases;

    @Option(
            names = "--from",
            paramLabel = "MODEL",
            description =
                    "Start from a trained model's weights: a run, a bundle, or .pt, .pth or .safetensors. The network"
                            + " is then the model's, unless options say otherwise.")
    private @Nullable Path from;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description =
                    "Train by this plan, as 'attunet plan' makes it and you may have changed it; other options still"
                            + " count (default: plans itself).")
    private @Nullable Path planFile;

    @Option(names = "--seed", description = "Fixes split, first weights and batches (default: the plan's, 1).")
    private @Nullable Long seed;

    @Option(names = "--device", description = "cpu, cuda or auto (default: the plan's, auto).")
    private @Nullable Device device;

    @Option(names = "--network", description = "${COMPLETION-CANDIDATES} (default: attention-unet).")
    private @Nullable NetworkVariant network;

    @Option(names = "--widths", split = ",", description = "Channels of each level, finest first: 16,32,64,128,256.")
    private @Nullable List<Integer> widths;

    @Option(names = "--norm", description = "Layer after each convolution: batch, instance or none.")
    private NetworkConfig.@Nullable NormLayer norm;

    @Option(names = "--upsampling", description = "transposed or nearest.")
    private NetworkConfig.@Nullable Upsampling upsampling;

    @Option(
            names = "--deep-supervision",
            negatable = true,
            description = "Heads on coarser decoder levels too (default: in 3D).")
    private @Nullable Boolean deepSupervision;

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

    @Option(names = "--warm-up", paramLabel = "SHARE", description = "Of the run, 0 to 0.5 (default: 0.05).")
    private @Nullable Double warmUp;

    @Option(names = "--weight-decay", paramLabel = "N", description = "Of the optimizer (default: 0.0001).")
    private @Nullable Double weightDecay;

    @Option(names = "--clip", paramLabel = "NORM", description = "Greatest norm of the gradient, 0: any (default: 5).")
    private @Nullable Double clip;

    @Option(
            names = "--average",
            paramLabel = "N",
            description = "The past's weight in the moving average of the weights, 0: none (default: 0.995).")
    private @Nullable Double average;

    @Option(names = "--bf16", description = "Convolve in bfloat16 (autocast); pays on GPUs and on CPUs with AMX.")
    private boolean bf16;

    @Option(names = "--batch", description = "Patches in a step.")
    private @Nullable Integer batch;

    @Option(
            names = "--patch",
            converter = OptionConverters.SizeConverter.class,
            paramLabel = "XxY[xZ]",
            description = "The patch's size; rounded up to what the network's levels divide.")
    private OptionConverters.@Nullable Size patch;

    @Option(
            names = "--spacing",
            converter = OptionConverters.SpacingConverter.class,
            paramLabel = "XxY[xZ]",
            description = "Resample to this spacing in mm.")
    private OptionConverters.@Nullable Spacing spacing;

    @Option(
            names = "--normalisation",
            converter = OptionConverters.NormalisationConverter.class,
            paramLabel = "HOW",
            description = OptionConverters.NORMALISATIONS + ".")
    private @Nullable Normalisation normalisation;

    @Option(names = "--threads", description = "Threads of one operation (default: the cores).")
    private @Nullable Integer threads;

    @Option(
            names = "--copies",
            paramLabel = "N",
            description = "Copies of the network that divide each batch (default: one for two patches).")
    private @Nullable Integer copies;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Processes on this machine that train together, each with its share of every batch; they divide"
                            + " threads, copies and workers, and each takes the memory of the cases (default: 1).")
    private int ranks;

    @Option(
            names = "--sync-batch-norm",
            description =
                    "Take the statistics of batch normalisation and of Dice over the patches of all ranks, so that"
                            + " the result does not depend on their number.")
    private boolean syncBatchNorm;

    @Option(names = "--workers", description = "Threads that prepare batches (default: the cores less one).")
    private @Nullable Integer workers;

    @Option(
            names = "--foreground",
            paramLabel = "SHARE",
            description = "Of the patches, those that are centred on a structure, 0 to 1 (default: a third).")
    private @Nullable Double foreground;

    @Option(
            names = "--validations",
            paramLabel = "N",
            description = "How many times the validation cases are predicted; the best weights are kept (default: 20).")
    private @Nullable Integer validations;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description = "Stop after N validations without a better Dice (default: never).")
    private @Nullable Integer earlyStopping;

    @Option(names = "--no-augmentation", description = "Leave the patches as they are.")
    private boolean noAugmentation;

    @Override
    public Integer call() {
        if (ranks < 1) {
            throw new ConfigException("--ranks", ranks, "a number from 1");
        }
        if (!resume) {
            OutputFolder.withoutRun(output);
        }
        long began = System.nanoTime();
        DataSet set = open(data);
        if (folds != null || fold != null || FoldRuns.isIn(output)) {
            return crossValidate(set);
        }
        Run run = Run.create(output);
        boolean begun = begun(run);
        ModelDescription model;
        TrainingConfig config;
        Split split;
        PretrainedWeights start = null;
        Plan effective = null;
        if (begun) {
            model = ModelDescription.read(run.model());
            config = run.config();
            split = Split.read(run.split());
            effective = Files.exists(run.plan()) ? Plan.read(run.plan()) : null;
        } else {
            Plan plan = planned(set);
            start = from == null ? null : PretrainedWeights.read(from);
            model = model(plan.model(), start);
            config = config(plan.config());
            split = split(set, config.seed());
            effective = chosen(plan, model, config);
            run = run.planned(effective);
        }
        tell(set, split, model, config);
        List<String> warnings = check(set).notes(split);
        console().warnings(warnings);
        TrainingSession session =
                TrainingSession.run(console(), run, model, config, set, split, start, ranks, warnings);
        if (session.evaluation() != null && effective != null && !(begun && Files.exists(run.summary()))) {
            Double seconds = begun ? null : (System.nanoTime() - began) / 1e9;
            new TrainingCost(session.result(), effective, seconds).tell(console(), run);
        }
        Run finished = run;
        console().result(() -> session.json(finished), () -> session.text(finished));
        session.problems().forEach(problem -> console().message("attunet: " + problem));
        return session.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Split split(DataSet set, long seed) {
        Split split = Split.of(set, seed);
        return allCases ? Split.holdingOut(split.hashes(), List.of(), seed) : split;
    }

    private int crossValidate(DataSet set) {
        if (allCases) {
            throw new AttunetException(
                    "--all-cases",
                    "given with folds, each of which holds cases out",
                    "one of the two",
                    "leave out --folds or --all-cases");
        }
        int there = FoldRuns.isIn(output) ? FoldRuns.open(output).folds().count() : 5;
        Plan plan = planned(set);
        PretrainedWeights start = from == null ? null : PretrainedWeights.read(from);
        ModelDescription model = model(plan.model(), start);
        TrainingConfig config = config(plan.config());
        return new FoldsSession(console(), output, folds == null ? there : folds, fold, resume, start, ranks)
                .run(set, check(set), chosen(plan, model, config));
    }

    /** The plan in the file that was named, else one that is made now from the cases that aren't held out. */
    private Plan planned(DataSet set) {
        return planFile == null
                ? plan(set, split(set, given(seed, 1L)), new Plan.Budget(0, given(maxMinutes, 0.0), given(steps, 0L)))
                : readPlan(planFile, set);
    }

    /** The plan with what the command line changed; where a file was named, each change is told. */
    private Plan chosen(Plan plan, ModelDescription model, TrainingConfig config) {
        Plan chosen = plan.with(model, config, "the command line");
        if (planFile != null) {
            plan.differences(chosen)
                    .forEach((key, change) -> console().message("note: " + key + " is " + change + " in the plan"));
        }
        return chosen;
    }

    /** Whether the folder holds a training whose settings are known, if only just begun. */
    private static boolean begun(Run run) {
        boolean begun = Files.exists(run.training());
        if (!begun && (Files.exists(run.weights()) || Files.exists(run.checkpoint()))) {
            throw new AttunetException(
                    run.folder(),
                    "it holds weights but no training.json, as an imported model does",
                    "a training to go on with",
                    "choose another folder with -o");
        }
        return begun;
    }

    private void tell(DataSet set, Split split, ModelDescription model, TrainingConfig config) {
        console()
                .message(Wording.counted(set.cases().size(), "case") + ": " + Wording.of(split) + "; labels "
                        + set.labels());
        console().notes(split.notes());
        console()
                .message(Wording.of(model.network()) + "; patch " + Arrays.toString(model.patch()) + ", batch "
                        + config.batch() + ", " + config.device());
    }

    private ModelDescription model(ModelDescription planned, @Nullable PretrainedWeights start) {
        NetworkConfig shape = shape(planned.network(), start);
        Preprocessing prepare = planned.preprocessing();
        if (spacing != null) {
            prepare = prepare.withTargetSpacing(spacing.axes());
        }
        if (normalisation != null) {
            prepare = prepare.withNormalisation(normalisation);
        }
        int[] size = Sizes.roundUp(patch == null ? planned.patch() : patch.axes(), shape.multiple());
        return ModelDescription.of(planned.name(), shape, prepare, planned.labels(), size);
    }

    private NetworkConfig shape(NetworkConfig planned, @Nullable PretrainedWeights start) {
        NetworkConfig shape = start == null
                ? given(network, NetworkVariant.ATTENTION_UNET).of(planned)
                : network == null ? start.shape(planned) : network.from(start.shape(planned), planned);
        if (widths != null) {
            shape = shape.withWidths(widths);
        }
        if (norm != null) {
            shape = shape.withNormalisation(norm);
        }
        if (upsampling != null) {
            shape = shape.withUpsampling(upsampling);
        }
        return deepSupervision == null ? shape : shape.withDeepSupervision(deepSupervision);
    }

    private TrainingConfig config(TrainingConfig planned) {
        return planned.with(c -> {
            c.seed = given(seed, c.seed);
            c.device = device == null && planFile != null
                    ? c.device
                    : given(device, Device.AUTO).library();
            if (steps != null || maxMinutes != null) {
                c.steps = steps == null ? 0 : steps;
                c.maxMinutes = maxMinutes == null ? 0 : maxMinutes;
            }
            c.loss = given(loss, c.loss);
            c.learningRate = given(learningRate, usualRate(c));
            c.optimizer = given(optimizer, c.optimizer);
            c.schedule = schedule == null ? c.schedule : shape(schedule);
            c.warmUp = given(warmUp, c.warmUp);
            c.weightDecay = given(weightDecay, c.weightDecay);
            c.clip = given(clip, c.clip);
            c.average = given(average, c.average);
            c.autocast = bf16 || c.autocast;
            c.batch = given(batch, c.batch);
            c.foregroundShare = given(foreground, c.foregroundShare);
            c.validations = given(validations, c.validations);
            c.earlyStopping = given(earlyStopping, c.earlyStopping);
            c.threads = given(threads, c.threads);
            boolean asPlanned = batch == null && threads == null && c.device.equals(planned.device());
            c.syncBatchNorm = syncBatchNorm || c.syncBatchNorm;
            int usual = asPlanned ? c.copies : TrainingConfig.copies(c.batch, c.threads, c.device);
            c.copies = given(copies, c.syncBatchNorm ? 1 : usual);
            c.workers = given(workers, c.workers);
            c.augmentation = noAugmentation ? Augmentation.none() : c.augmentation;
        });
    }

    /** A rate is for its optimizer: another one on the command line brings its own. */
    private double usualRate(TrainingConfig.Draft planned) {
        if (optimizer == null || optimizer == planned.optimizer) {
            return planned.learningRate;
        }
        return optimizer == OptimizerRule.SGD ? 0.01 : TrainingConfig.defaults().learningRate();
    }

    private static <T> T given(@Nullable T option, T planned) {
        return option == null ? planned : option;
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
