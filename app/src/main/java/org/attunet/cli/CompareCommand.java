package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.attunet.bundle.ModelDescription;
import org.attunet.compare.ComparedRun;
import org.attunet.compare.Comparison;
import org.attunet.compare.ComparisonPage;
import org.attunet.compare.ComparisonTable;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Sizes;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkVariant;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet compare}: networks trained alike and measured on the same held-out cases. */
@Command(
        name = "compare",
        description = {
            "Train several networks with the same budget, seeds, preprocessing and cases, measure them on the same"
                    + " held-out cases, and test each against the first over these cases.",
            "Writes comparison.md, .csv, .json and .html into OUT, after each run anew, and each run into"
                    + " OUT/NETWORK-seedN. Ctrl-C saves; the same command goes on, and with more networks or seeds it"
                    + " adds those."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet compare data --networks unet,attention-unet -o comparison --max-minutes 10",
            "  attunet compare data --networks unet,attention-unet --seeds 1,2,3 --steps 2000 --cases 20 -o few"
        })
final class CompareCommand extends AttunetCommand {
    @Parameters(index = "0", paramLabel = "DATA", description = "The data set's folder.")
    private Path data;

    @Option(
            names = "--networks",
            required = true,
            split = ",",
            paramLabel = "NETWORK",
            description = "Two or more of ${COMPLETION-CANDIDATES}, the one that the others are tested against first."
                    + " All have the planned widths; the grid networks, whose 5 levels are fixed, the same ones doubled"
                    + " on, and their own upsampling.")
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
            description = "Each network is trained once for each (default: 1,2,3); the split is the same for all.")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(names = "--max-minutes", paramLabel = "N", description = "Of each training (default: 10, unless --steps).")
    private @Nullable Double maxMinutes;

    @Option(names = "--steps", paramLabel = "N", description = "Of each training; the result is then reproducible.")
    private @Nullable Long steps;

    @Option(
            names = "--cases",
            paramLabel = "N",
            description = "Train on at most so many cases (default: all that aren't held out).")
    private @Nullable Integer cases;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Train all by this plan, as 'attunet plan' makes it (default: plans itself).")
    private @Nullable Path planFile;

    @Option(names = "--split-seed", description = "Draws the held-out fifth (default: ${DEFAULT-VALUE}).")
    private long splitSeed = 1;

    @Option(names = "--device", description = "cpu, cuda or auto (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Override
    public Integer call() {
        List<NetworkVariant> chosen = List.copyOf(new LinkedHashSet<>(networks));
        if (chosen.size() < 2) {
            throw new ConfigException("--networks", Wording.word(chosen.get(0)), "two networks or more");
        }
        DataSet set = open(data);
        Plan plan = planned(set);
        chosen.forEach(net -> model(plan.model(), net)); // refuses now what could not be trained
        Split split = begun(set, plan);
        List<Long> each = List.copyOf(new LinkedHashSet<>(seeds));
        tell(set, split, chosen, each);
        List<String> warnings = check(set).notes(split);
        console().warnings(warnings);

        List<ComparedRun> finished = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (long seed : each) {
            for (NetworkVariant net : chosen) {
                var run = new ComparedFolder(output, net, seed);
                ComparedRun known = run.finished();
                if (known == null) {
                    console()
                            .message(run.name() + " (" + (finished.size() + 1) + " of " + each.size() * chosen.size()
                                    + ")");
                    TrainingConfig config = config(plan.config(), seed);
                    TrainingSession session =
                            run.train(console(), model(plan.model(), net), config, set, split, warnings);
                    if (session.evaluation() == null) {
                        console().message("stopped; the same command goes on");
                        return done(set, split, finished, problems);
                    }
                    problems.addAll(session.problems());
                    finished.add(run.finish(session));
                    write(set, split, finished);
                } else {
                    finished.add(known);
                }
            }
        }
        return done(set, split, finished, problems);
    }

    /** The first network's runs come first in the table, whatever the order in which runs are trained. */
    private Comparison comparison(List<ComparedRun> finished) {
        List<ComparedRun> sorted = new ArrayList<>();
        for (NetworkVariant net : networks) {
            finished.stream()
                    .filter(run -> run.network().equals(Wording.word(net)))
                    .filter(run -> !sorted.contains(run))
                    .forEach(sorted::add);
        }
        return Comparison.of(sorted);
    }

    private int done(DataSet set, Split split, List<ComparedRun> finished, List<String> problems) {
        if (!finished.isEmpty()) {
            write(set, split, finished); // once more, for where all were there
            console().message("page: " + output.resolve("comparison.html"));
        }
        Comparison comparison = comparison(finished);
        ObjectNode json = ComparisonTable.toJson(comparison);
        console().result(() -> json, () -> ComparisonTable.toMarkdown(comparison, set.labels()));
        problems.forEach(problem -> console().message("attunet: " + problem));
        return problems.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void write(DataSet set, Split split, List<ComparedRun> finished) {
        Comparison comparison = comparison(finished);
        WholeFile.writeString(output.resolve("comparison.md"), ComparisonTable.toMarkdown(comparison, set.labels()));
        WholeFile.writeString(output.resolve("comparison.csv"), ComparisonTable.toCsv(comparison));
        JsonFile.write(output.resolve("comparison.json"), ComparisonTable.toJson(comparison));
        ComparisonPage.write(
                output.resolve("comparison.html"),
                "attunet: networks compared on " + set.name(),
                Wording.counted(split.test().size(), "held-out case") + " of " + set.root(),
                comparison,
                set.labels(),
                settings(split));
    }

    private Map<String, String> settings(Split split) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("budget of each run", budget());
        settings.put("cases to train", Integer.toString(split.train().size()));
        settings.put("cases to validate", Integer.toString(split.validation().size()));
        settings.put("cases held out", Integer.toString(split.test().size()));
        for (NetworkVariant net : networks) {
            Path model = new ComparedFolder(output, net, seeds.get(0)).folder().resolve("model.json");
            if (Files.exists(model)) {
                settings.put(
                        Wording.word(net),
                        Wording.of(ModelDescription.read(model).network()));
            }
        }
        return settings;
    }

    private String budget() {
        return steps != null ? Wording.counted(steps, "step") : minutes() + " minutes";
    }

    private double minutes() {
        return maxMinutes == null ? 10 : maxMinutes;
    }

    private void tell(DataSet set, Split split, List<NetworkVariant> chosen, List<Long> each) {
        console()
                .message(Wording.counted(set.cases().size(), "case") + ": " + Wording.of(split) + " from all networks");
        console().notes(split.notes());
        console()
                .message(chosen.stream().map(Wording::word).collect(Collectors.joining(", ")) + " with "
                        + Wording.counted(each.size(), "seed") + ": " + chosen.size() * each.size()
                        + " trainings of "
                        + budget());
    }

    private Plan.Budget length() {
        return steps == null ? new Plan.Budget(0, minutes()) : new Plan.Budget(0, 0, steps);
    }

    /** The plan that the comparison began with; else the file's, or one from the cases that aren't held out. */
    private Plan planned(DataSet set) {
        Path there = keptPlan();
        if (!Files.exists(there)) {
            return planFile == null ? plan(set, Split.of(set, splitSeed), length()) : readPlan(planFile, set);
        }
        Plan plan = readPlan(there, set);
        if (planFile != null && !plan.differences(readPlan(planFile, set)).isEmpty()) {
            throw new AttunetException(
                    planFile,
                    "it isn't the plan of the comparison in " + output,
                    "the one in " + there,
                    "leave --plan out to go on, or choose another folder with -o");
        }
        return plan;
    }

    private Path keptPlan() {
        return output.resolve("plan.yaml");
    }

    /** The split of the comparison, made where there is none yet; what a comparison began with can't change. */
    private Split begun(DataSet set, Plan plan) {
        Path file = output.resolve("split.json");
        Path settings = output.resolve("settings.json");
        OutputFolder.withoutRun(output);
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        own.put("budget", budget()).put("cases", cases == null ? "all" : cases.toString());
        own.put("split_seed", Long.toString(splitSeed));
        if (Files.exists(settings)) {
            JsonNode there = JsonFile.read(settings, "the settings of a comparison");
            if (!there.equals(own)) {
                throw new AttunetException(
                        output,
                        "it holds a comparison with the settings " + there,
                        "one with " + own,
                        "repeat the command that began it, or choose another folder with -o");
            }
            return Split.read(file);
        }
        Split split = Split.of(set, splitSeed);
        if (split.test().isEmpty()) {
            throw new AttunetException(
                    data,
                    Wording.counted(set.cases().size(), "case") + ", of which none can be held out",
                    "three or more",
                    "add cases");
        }
        split = cases == null ? split : split.withTrainingCases(cases);
        WholeFile.makeFolder(output);
        split.write(file);
        plan.write(keptPlan());
        JsonFile.write(settings, own);
        return split;
    }

    private static ModelDescription model(ModelDescription planned, NetworkVariant net) {
        NetworkConfig network = net.like(planned.network());
        int[] patch = Sizes.roundUp(planned.patch(), network.multiple());
        return ModelDescription.of(planned.name(), network, planned.preprocessing(), planned.labels(), patch);
    }

    private TrainingConfig config(TrainingConfig planned, long seed) {
        return planned.with(c -> {
            c.seed = seed;
            c.device = device.library();
            c.steps = steps == null ? 0 : steps;
            c.maxMinutes = steps == null ? minutes() : 0;
        });
    }
}
