package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.attunet.bundle.ModelDescription;
import org.attunet.compare.ComparedRun;
import org.attunet.compare.Comparison;
import org.attunet.compare.ComparisonFolder;
import org.attunet.compare.ComparisonTable;
import org.attunet.console.PixelSizeOption;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.ResumedSplit;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.Sizes;
import org.attunet.io.ProcessLock;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkVariant;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.train.ResumedSettings;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet compare}: trains networks alike and measures them on the same held-out cases. */
@Command(
        name = "compare",
        description = {
            "Train several networks with the same budget, seeds, preprocessing and cases, measure them on the same"
                    + " held-out cases, and test each against the first over these cases.",
            "Writes comparison.md, .csv, .json and .html into OUT after each run, and each run into OUT/NETWORK-seedN."
                    + " Ctrl-C saves; the same command continues, and with more networks or seeds it adds them."
        },
        footer = {
            "",
            "Examples:",
            "  attunet compare data --networks unet,attention-unet -o comparison --max-minutes 10",
            "  attunet compare data --networks unet,attention-unet --seeds 1,2,3 --steps 2000 --cases 20 -o few"
        })
final class CompareCommand extends AttunetCommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "DATA", description = "The data set's folder.")
    private @Nullable Path data;

    @Mixin
    private DataFolderOptions dataFolders;

    @Option(
            names = "--networks",
            required = true,
            split = ",",
            paramLabel = "NETWORK",
            description = "Two or more of ${COMPLETION-CANDIDATES}; the others are tested against the first. All have"
                    + " the planned widths, which the grid networks, always of 5 levels, cut or double on; these have"
                    + " their own upsampling.")
    private List<NetworkVariant> networks;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "The folder for runs and tables.")
    private Path output;

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "N",
            description = "Each network is trained once per seed (default: 1,2,3); the split is the same for all.")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(
            names = "--max-minutes",
            paramLabel = "N",
            description = "Minutes of each training (default: 10, unless --steps is given).")
    private @Nullable Double maxMinutes;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of each training; the result is then reproducible.")
    private @Nullable Long steps;

    @Option(
            names = "--cases",
            paramLabel = "N",
            description = "The most cases to train on (default: all that aren't held out).")
    private @Nullable Integer cases;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Train all networks by this plan of 'attunet plan' (default: a new plan).")
    private @Nullable Path planFile;

    @Mixin
    private SizeOptions sizes;

    @Option(names = "--split-seed", description = "Selects the held-out fifth (default: ${DEFAULT-VALUE}).")
    private long splitSeed = 1;

    @Option(names = "--device", description = "cpu, cuda or auto (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Mixin
    private PixelSizeOption pixelSize;

    @Override
    public Integer call() {
        OptionRange.checkLength(maxMinutes, steps);
        sizes.check();
        OptionRange.check("--cases", cases, n -> n >= 1, "a whole number from 1");
        networks = networks.stream().distinct().toList();
        seeds = seeds.stream().distinct().toList();
        if (networks.size() < 2) {
            throw new ConfigException("--networks", networks.get(0).toString(), "two networks or more");
        }
        var folder = new ComparisonFolder(output);
        DataSet set = open(dataFolders.folders(data), pixelSize, dataFolders.ignored());
        Plan plan = plan(folder, set);
        networks.forEach(network -> model(plan.model(), network)); // fails now if a network can't be trained
        Split split = begin(folder, set, plan);
        describe(set, split);
        List<String> warnings = check(set).notes(split);
        console().warnings(warnings);

        List<ComparedRun> finished = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (long seed : seeds) {
            for (NetworkVariant network : networks) {
                Run run = Run.create(folder.run(network, seed));
                TrainingJob job = new TrainingJob(model(plan.model(), network), config(plan.config(), seed), set, split)
                        .resuming(run, note -> {}); // the same as for the whole comparison
                if (folder.finished(network, seed) == null) {
                    message(run.folder().getFileName() + " (" + (finished.size() + 1) + " of "
                            + seeds.size() * networks.size() + ")");
                    TrainingSession session = train(run, job, warnings);
                    if (session.stopped()) {
                        message("stopped; the same command continues");
                        return print(folder, set, split, finished, problems);
                    }
                    problems.addAll(session.problems());
                    folder.finish(network, seed, session.json(run));
                    finished.add(folder.finished(network, seed));
                    write(folder, set, split, finished);
                } else {
                    finished.add(folder.finished(network, seed));
                }
            }
        }
        return print(folder, set, split, finished, problems);
    }

    private TrainingSession train(Run run, TrainingJob job, List<String> warnings) {
        try (ProcessLock lock = run.lock()) {
            return TrainingSession.run(console(), run, job, 1, warnings);
        }
    }

    private int print(
            ComparisonFolder folder, DataSet set, Split split, List<ComparedRun> finished, List<String> problems) {
        if (!finished.isEmpty()) {
            write(folder, set, split, finished); // again, in case all runs were finished before
            message("page: " + folder.page());
        }
        Comparison comparison = comparison(finished);
        ObjectNode json = ComparisonTable.toJson(comparison);
        result(() -> json, () -> ComparisonTable.toMarkdown(comparison, set.labels()));
        return console().problems(problems);
    }

    /** Orders runs by network, as given, whatever the order in which they were trained. */
    private Comparison comparison(List<ComparedRun> finished) {
        return Comparison.of(networks.stream()
                .flatMap(
                        network -> finished.stream().filter(run -> run.network().equals(network.toString())))
                .toList());
    }

    private void write(ComparisonFolder folder, DataSet set, Split split, List<ComparedRun> finished) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("budget of each run", budget());
        settings.put("cases to train", Integer.toString(split.train().size()));
        settings.put("cases to validate", Integer.toString(split.validation().size()));
        settings.put("cases held out", Integer.toString(split.test().size()));
        for (NetworkVariant network : networks) {
            Path model = folder.run(network, seeds.get(0)).resolve("model.json");
            if (Files.exists(model)) {
                settings.put(
                        network.toString(),
                        Wording.of(ModelDescription.read(model).network()));
            }
        }
        String subtitle = Wording.counted(split.test().size(), "held-out case") + " of " + set.root();
        folder.write(comparison(finished), set, subtitle, settings);
    }

    private String budget() {
        return steps != null ? Wording.counted(steps, "step") : minutes() + " minutes";
    }

    private double minutes() {
        return maxMinutes == null ? 10 : maxMinutes;
    }

    private void describe(DataSet set, Split split) {
        message(Wording.counted(set.cases().size(), "case") + ": " + Wording.of(split) + " for all networks");
        console().notes(split.notes());
        message(networks.stream().map(NetworkVariant::toString).collect(Collectors.joining(", ")) + " with "
                + Wording.counted(seeds.size(), "seed") + ": " + networks.size() * seeds.size() + " trainings of "
                + budget());
    }

    /** The plan of a comparison that has begun; else the file's, or a new one from the cases that aren't held out. */
    private Plan plan(ComparisonFolder folder, DataSet set) {
        Path begun = folder.plan();
        if (!Files.exists(begun)) {
            Plan.Budget budget = steps == null ? new Plan.Budget(0, minutes()) : new Plan.Budget(0, 0, steps);
            return sized(
                    planFile == null
                            ? plan(set, Split.of(set, splitSeed), budget, sizes.resize())
                            : Plan.read(planFile, set));
        }
        Plan plan = Plan.read(begun, set);
        Map<String, String> changes = plan.differences(sized(plan));
        if (!changes.isEmpty()) {
            throw new AttunetException(
                    output,
                    "the options ask for " + ResumedSettings.text(changes),
                    "the sizes that the comparison began with",
                    "leave --resize and --patch out to continue, or choose another folder with -o");
        }
        if (planFile != null
                && !plan.differences(sized(Plan.read(planFile, set))).isEmpty()) {
            throw new AttunetException(
                    planFile,
                    "it isn't the plan of the comparison in " + output,
                    "the one in " + begun,
                    "leave --plan out to continue, or choose another folder with -o");
        }
        return plan;
    }

    /** A plan at the sizes that the options give. */
    private Plan sized(Plan plan) {
        return plan.with(sizes.model(plan.model()), plan.config(), "the command line");
    }

    /** Returns the comparison's split, and begins the comparison if it hasn't; its settings are then fixed. */
    private Split begin(ComparisonFolder folder, DataSet set, Plan plan) {
        OutputFolder.withoutRun(output);
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("budget", budget()).put("cases", cases == null ? "all" : cases.toString());
        settings.put("split_seed", Long.toString(splitSeed));
        if (pixelSize.size() != null) {
            settings.put("pixel_size", pixelSize.size().toString());
        }
        if (set.ignored() != LabelMap.NONE) {
            settings.put("ignore", DataFolderOptions.word(set.ignored()));
        }
        Split split = Split.of(set, splitSeed);
        Split begun = folder.split(settings);
        if (begun != null) {
            ResumedSplit resumed = ResumedSplit.of(begun, split, set.root(), output);
            console().notes(resumed.notes());
            return resumed.split();
        }
        if (split.test().isEmpty()) {
            throw new AttunetException(
                    set.root(),
                    Wording.counted(set.cases().size(), "case") + ", too few to hold one out",
                    "three or more",
                    "add cases");
        }
        split = cases == null ? split : split.withTrainingCases(cases);
        folder.begin(settings, split, plan);
        return split;
    }

    private static ModelDescription model(ModelDescription planned, NetworkVariant variant) {
        NetworkConfig network = variant.like(planned.network());
        int[] patch = Sizes.roundUp(planned.patch(), network.multiple());
        return ModelDescription.of(planned.name(), network, planned.preprocessing(), planned.labels(), patch);
    }

    private TrainingConfig config(TrainingConfig planned, long seed) {
        return planned.withSeed(seed)
                .with(planned.compute().withDevice(device.library()))
                .with(steps == null ? new TrainingConfig.Length(0, minutes()) : new TrainingConfig.Length(steps, 0));
    }
}
