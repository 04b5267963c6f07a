package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.network.NetworkConfig;
import org.attunet.patches.Augmentation;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig.Length;
import org.attunet.plan.TrainingConfig.ValidationConfig;
import org.attunet.predict.SegmenterOptions;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    @TempDir
    static Path folder;

    static DataSet data;

    @BeforeAll
    static void phantoms() {
        PhantomFiles.write(folder.resolve("data"), 1, 12, 64);
        data = DataSets.open(folder.resolve("data"));
    }

    private static Plan plan(long steps) {
        Plan plan = Plan.of(data);
        NetworkConfig tiny =
                plan.model().network().withWidths(List.of(4, 8, 16)).withDeepSupervision(true);
        return new Plan(
                plan.model().withNetwork(tiny).withPatch(32, 32),
                plan.config()
                        .with(new Length(steps, 0))
                        .with(new ValidationConfig(4, 0))
                        .with(plan.config()
                                .compute()
                                .divided(1, plan.config().compute().copies(), 2)));
    }

    private static TrainingOutcome.Result train(Path run, Plan plan, int stopAfter) {
        Trainer[] holder = new Trainer[1];
        var stopping = new TrainingListener() {
            @Override
            public void stepped(long step, double progress, double minutes, double loss) {
                if (step == stopAfter) {
                    holder[0].requestStop();
                }
            }
        };
        try (var trainer = trainer(run, plan, null, stopping)) {
            holder[0] = trainer;
            return trainer.train().result();
        }
    }

    @Test
    void the_same_seed_gives_the_same_weights_and_a_resumed_run_equals_an_unbroken_one() {
        Path unbroken = folder.resolve("unbroken");
        Path again = folder.resolve("again");
        Path resumed = folder.resolve("resumed");
        TrainingOutcome.Result first = train(unbroken, plan(24), -1);
        train(again, plan(24), -1);
        assertThat(train(resumed, plan(24), 5).finished()).isFalse();
        assertThat(train(resumed, plan(24), 13).finished()).isFalse();
        TrainingOutcome.Result last = train(resumed, plan(24), -1);

        assertThat(first.finished()).isTrue();
        assertThat(last.steps()).isEqualTo(24);
        assertThat(last.best()).isEqualTo(first.best());
        for (Path run : List.of(again, resumed)) {
            assertThat(TorchFile.read(run.resolve("weights.pt")))
                    .isEqualTo(TorchFile.read(unbroken.resolve("weights.pt")));
            assertThat(tensors(run)).isEqualTo(tensors(unbroken));
        }
    }

    @Test
    void another_seed_gives_other_weights() {
        Plan plan = plan(2);
        train(folder.resolve("one"), plan, -1);
        train(folder.resolve("two"), new Plan(plan.model(), plan.config().withSeed(2)), -1);
        assertThat(tensors(folder.resolve("one"))).isNotEqualTo(tensors(folder.resolve("two")));
    }

    @Test
    void a_run_leaves_what_it_promises_and_its_segmenter_predicts() throws Exception {
        Path run = folder.resolve("whole");
        train(run, plan(8), -1);
        for (String name :
                List.of("model.json", "weights.pt", "training.json", "split.json", "last.ckpt", "history.csv")) {
            assertThat(run.resolve(name)).isNotEmptyFile();
        }
        assertThat(Files.readAllLines(run.resolve("history.csv")))
                .hasSize(9)
                .first()
                .asString()
                .startsWith("step,");
        assertThat(Run.open(run).config()).isEqualTo(plan(8).config());
        assertThat(Run.open(run).config().augmentation()).isEqualTo(Augmentation.anatomical(true));
        var one = data.cases().get(0).read(data.labels());
        try (var segmenter = Run.open(run).segmenter(SegmenterOptions.defaults().withAttention(true), "cpu")) {
            var segmentation = segmenter.segment(one.image());
            assertThat(segmentation.labels().grid()).isEqualTo(one.image().grid());
            assertThat(segmentation.attention()).containsOnlyKeys("Att2", "Att3");
        }
    }

    @Test
    void a_training_from_a_model_begins_with_its_weights_and_goes_on_without_it() {
        Path first = folder.resolve("model");
        train(first, plan(4), -1);
        Path unbroken = folder.resolve("tuned");
        Path resumed = folder.resolve("tuned-resumed");
        PretrainedWeights start = PretrainedWeights.read(first);
        for (Path run : List.of(unbroken, resumed)) {
            try (var trainer = trainer(run, plan(6), start, TrainingListener.NONE)) {
                // Nothing of the step-0 checkpoint but the model's weights, in the network and in its average.
                StateDict state = Safetensors.read(run.resolve("last.ckpt"));
                StateDict weights = TorchFile.read(first.resolve("weights.pt"));
                weights.weights().forEach((name, weight) -> {
                    assertThat(state.get("network." + name)).isEqualTo(weight);
                    assertThat(state.get("average." + name)).isEqualTo(weight);
                });
                if (run.equals(unbroken)) {
                    trainer.train();
                }
            }
        }
        train(resumed, plan(6), 3);
        train(resumed, plan(6), -1);
        assertThat(tensors(resumed)).isEqualTo(tensors(unbroken));
        assertThat(resumed.resolve("from.json")).content().contains("\"Conv1.conv.0.weight\"");
    }

    private static Trainer trainer(Path run, Plan plan, @Nullable PretrainedWeights start, TrainingListener listener) {
        var job = new TrainingJob(plan.model(), plan.config(), data, Split.of(data, 1), start, 1 << 30);
        return new Trainer(Run.create(run), job, listener);
    }

    /** The tensors of a checkpoint, without the numbers that hold times. */
    private static StateDict tensors(Path run) {
        var weights = new java.util.LinkedHashMap<>(
                Safetensors.read(run.resolve("last.ckpt")).weights());
        assertThat(weights.remove("state")).isNotNull();
        return new StateDict(weights);
    }
}
