package org.attunet.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.io.ProcessLock;
import org.attunet.patches.Augmentation;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code attunet demo}: phantoms, a training, an evaluation and a report in some minutes, without a download. */
@Command(
        name = "demo",
        description = {
            "Draw synthetic abdominal CT slices, train an Attention U-Net to find the pancreas in them, measure it on"
                    + " 30 held-out slices, and write a report with the maps of its attention gates.",
            "Takes some minutes and needs no data."
        },
        footer = {"", "Example:", "  attunet demo -o demo"})
final class DemoCommand extends AttunetCommand {
    private static final int TRAINING = 120;
    private static final int HELD_OUT = 30;
    private static final int VALIDATION = 10;
    private static final String NEXT = """


        With your own data (a folder with images/ and masks/, files of the same names):
          ./attunet train DATA -o run --max-minutes 20
          ./attunet evaluate run DATA -o results
          ./attunet predict run IMAGES -o masks --attention\
        """;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "The folder for phantoms and run (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("demo");

    @Option(names = "--seed", description = "Selects the synthetic patients (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--max-minutes", paramLabel = "N", description = "Minutes of training (default: ${DEFAULT-VALUE}).")
    private double maxMinutes = 2.5;

    @Option(names = "--size", description = "Pixels along a slice's side (default: ${DEFAULT-VALUE}).")
    private int size = 128;

    @Override
    public Integer call() {
        OptionRange.checkLength(maxMinutes, null);
        OptionRange.check("--size", size, n -> n >= 64 && n <= 1024, "a whole number from 64 to 1024");
        Run run = Run.create(OutputFolder.withoutRun(output.resolve("run")));
        try (ProcessLock lock = run.lock()) {
            return train(run);
        }
    }

    private int train(Run run) {
        Path folder = output.resolve("data");
        message("drawing " + (TRAINING + HELD_OUT) + " phantoms into " + folder);
        PhantomFiles.write(folder, seed, TRAINING + HELD_OUT, size);
        DataSet data = DataSets.open(folder);
        Plan plan = Plan.of(data);
        // Phantoms have one orientation and there are plenty: augmentation would pay in hours, not in minutes.
        TrainingConfig config = plan.config()
                .withSeed(seed)
                .with(new TrainingConfig.Length(0, maxMinutes))
                .with(Augmentation.none())
                .with(plan.config().optimization().withLearningRate(4e-3));
        message("training for " + ProgressDisplay.duration(maxMinutes * 60) + " on " + (TRAINING - VALIDATION)
                + " of them; " + HELD_OUT + " are held out");
        TrainingJob job = new TrainingJob(plan.model(), config, data, split(data));
        return TrainingSession.run(console(), run, job, 1, List.of()).print(console(), run, NEXT);
    }

    /** Holds out the last phantoms; each is another patient, so any selection is fair. */
    private Split split(DataSet data) {
        List<String> ids = data.cases().stream().map(Case::id).toList();
        Map<String, String> hashes = new TreeMap<>();
        data.cases().forEach(one -> hashes.put(one.id(), one.contentHash()));
        return new Split(
                seed,
                ids.subList(0, TRAINING - VALIDATION),
                ids.subList(TRAINING - VALIDATION, TRAINING),
                ids.subList(TRAINING, TRAINING + HELD_OUT),
                hashes);
    }
}
