package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.PixelSize;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Plan;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.BatchConfig;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.attunet.plan.TrainingConfig.Length;
import org.attunet.plan.TrainingConfig.Optimization;
import org.attunet.plan.TrainingConfig.ValidationConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.ranks.RankConfig;
import org.attunet.ranks.RankThreads;
import org.attunet.tensor.TensorScope;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;
import org.bytedeco.pytorch.Scalar;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole trainings of several ranks, as threads. */
class RankedTrainingTest {
    @TempDir
    static Path folder;

    static DataSet data;
    static Split split;
    static ModelDescription model;

    @BeforeAll
    static void phantoms() {
        PhantomFiles.write(folder.resolve("data"), 1, 40, 64);
        data = DataSets.open(folder.resolve("data"));
        split = Split.of(data, 1);
        assertThat(split.validation()).hasSize(3);
        Plan plan = Plan.of(data);
        model = plan.model()
                .withNetwork(plan.model().network().withWidths(List.of(4, 8, 16)))
                .withPatch(32, 32);
    }

    private static final Schedule SCHEDULE = new Schedule(Schedule.Shape.COSINE, 0.05);

    private static TrainingConfig config() {
        return TrainingConfig.defaults()
                .with(new Length(20, 0))
                .with(new ComputeConfig("cpu", 1, 1, 1, false, true))
                .with(new BatchConfig(5, 1.0 / 3))
                .with(new Optimization("dice+ce", OptimizerRule.SGD, 1e-3, 1e-4, SCHEDULE, 5, 0.995))
                .with(new ValidationConfig(4, 0));
    }

    private static TrainingOutcome.Result train(Path run, ProcessGroup ranks, TrainingConfig config, Acts acts) {
        var listener = new TrainingListener() {
            private @Nullable Trainer trainer;

            @Override
            public void warned(TrainingWarning warning) {
                acts.warned(warning.text());
            }

            @Override
            public void stepped(long step, double progress, double minutes, double loss) {
                acts.after(step, ranks, Objects.requireNonNull(trainer));
            }

            @Override
            public void saved(long step) {
                acts.saved(step, ranks);
            }
        };
        Run own = ranks.first() ? Run.create(run) : null;
        try (var trainer = new Trainer(own, new TrainingJob(model, config, data, split), ranks, listener)) {
            listener.trainer = trainer;
            return trainer.train().result();
        }
    }

    /** What happens to a training from outside. */
    interface Acts {
        Acts NONE = new Acts() {};

        default void after(long step, ProcessGroup ranks, Trainer trainer) {}

        default void saved(long step, ProcessGroup ranks) {}

        default void warned(String text) {}
    }

    private static List<TrainingOutcome.Result> together(Path run, int count, TrainingConfig config, Acts acts) {
        return RankThreads.run(count, ranks -> train(run, ranks, config, acts));
    }

    @ParameterizedTest
    @CsvSource({"2", "3"})
    void with_common_statistics_a_training_comes_to_the_weights_and_dice_of_one_process(int count) {
        Path one = folder.resolve("one-" + count);
        Path several = folder.resolve("several-" + count);
        TrainingOutcome.Result alone = train(one, ProcessGroup.alone(), config(), Acts.NONE);
        List<TrainingOutcome.Result> results = together(several, count, config(), Acts.NONE);
        assertThat(results).allMatch(TrainingOutcome.Result::finished).allMatch(result -> result.steps() == 20);
        StateDict expected = tensors(one);
        StateDict found = tensors(several);
        assertThat(found.names()).isEqualTo(expected.names());
        for (String name : expected.names()) {
            boolean weight = !name.startsWith("optimizer.") && !name.endsWith("num_batches_tracked");
            float[] a = weight ? expected.get(name).floats() : new float[0];
            for (int i = 0; i < a.length; i++) {
                float b = found.get(name).floats()[i];
                assertThat(Math.abs(a[i] - b) / Math.max(1, Math.abs(a[i])))
                        .as(name)
                        .isLessThan(1e-5f);
            }
        }
        assertThat(alone.best()).isPositive();
        assertThat(results.get(0).best()).isCloseTo(alone.best(), within(1e-4));
    }

    @Test
    void shared_out_validation_gives_the_dice_and_the_openness_of_one_process() {
        try (TorchNetwork network = TorchNetwork.create(model.network(), 3)) {
            Validation.Outcome one =
                    new Validation(model, data.cases(split.validation()), "cpu", ProcessGroup.alone()).measure(network);
            List<Validation.Outcome> several = RankThreads.run(
                    2, ranks -> new Validation(model, data.cases(split.validation()), "cpu", ranks).measure(network));
            assertThat(one.dice()).isBetween(0.01, 0.99);
            assertThat(one.attention().rows(1)).isNotEmpty();
            for (Validation.Outcome outcome : several) {
                assertThat(outcome.dice()).isEqualTo(one.dice());
                assertThat(outcome.silent()).isEqualTo(one.silent());
                assertThat(outcome.attention().rows(1))
                        .isEqualTo(one.attention().rows(1));
            }
        }
    }

    @Test
    void a_stop_asked_of_any_rank_stops_all_after_that_step_and_the_resumed_run_equals_an_unbroken_one() {
        Path unbroken = folder.resolve("unbroken");
        Path resumed = folder.resolve("resumed");
        TrainingConfig own = config().with(new ComputeConfig("cpu", 1, 1, 1, false, false));
        together(unbroken, 2, own, Acts.NONE);
        var stop = new Acts() {
            @Override
            public void after(long step, ProcessGroup ranks, Trainer trainer) {
                if (step == 7 && ranks.number() == 1) {
                    trainer.requestStop();
                }
            }
        };
        assertThat(together(resumed, 2, own, stop)).allMatch(result -> result.steps() == 7 && !result.finished());
        together(resumed, 2, own, Acts.NONE);
        assertThat(tensors(resumed)).isEqualTo(tensors(unbroken));
    }

    @Test
    void a_run_goes_on_with_another_number_of_ranks() {
        Path run = folder.resolve("other-number");
        var stop = new Acts() {
            @Override
            public void after(long step, ProcessGroup ranks, Trainer trainer) {
                if (step == 9) {
                    trainer.requestStop();
                }
            }
        };
        together(run, 3, config(), stop);
        assertThat(train(run, ProcessGroup.alone(), config(), Acts.NONE).steps())
                .isEqualTo(20);
        Path one = folder.resolve("never-other");
        train(one, ProcessGroup.alone(), config(), Acts.NONE);
        String name = "network.Conv1.conv.0.weight";
        assertThat(tensors(run).get(name).floats())
                .containsExactly(tensors(one).get(name).floats(), within(1e-5f));
    }

    @Test
    void weights_that_are_no_number_on_one_rank_send_all_back() throws Exception {
        Path run = folder.resolve("back");
        Set<Long> done = ConcurrentHashMap.newKeySet();
        List<String> warnings = new ArrayList<>();
        var poison = new Acts() {
            @Override
            public void warned(String text) {
                warnings.add(text); // of rank 0, when it happens and at the end
            }

            @Override
            public void after(long step, ProcessGroup ranks, Trainer trainer) {
                if (step == 12 && ranks.number() == 1 && done.add(step)) {
                    try (var scope = TensorScope.withoutGradients()) {
                        trainer.network().parameters().values().forEach(p -> p.mul_(new Scalar(Double.NaN)));
                    }
                }
            }
        };
        List<TrainingOutcome.Result> results = together(run, 2, config(), poison);
        assertThat(results).allMatch(TrainingOutcome.Result::finished);
        assertThat(results).allMatch(result -> result.steps() == 20);
        assertThat(Files.readString(run.resolve("history.csv"))).doesNotContain("NaN");
        assertThat(warnings)
                .hasSize(2)
                .allMatch(text -> text.contains("at step 13; the training went back to step 10"));
    }

    @Test
    void checkpoints_are_reported_on_rank_0_alone_and_the_others_wait() {
        List<Long> saved = new ArrayList<>();
        List<Integer> tellers = new ArrayList<>();
        Map<Integer, Long> ahead = new ConcurrentHashMap<>();
        together(folder.resolve("told"), 2, config(), new Acts() {
            @Override
            public void after(long step, ProcessGroup ranks, Trainer trainer) {
                ahead.put(ranks.number(), step);
            }

            @Override
            public void saved(long step, ProcessGroup ranks) {
                saved.add(step);
                tellers.add(ranks.number());
                assertThat(ahead).containsEntry(0, step);
                assertThat(ahead.get(1)).isLessThanOrEqualTo(step);
            }
        });
        assertThat(saved).contains(5L, 10L, 15L, 20L);
        assertThat(tellers).containsOnly(0);
    }

    @Test
    void after_the_start_all_ranks_hold_the_first_ones_tensors_bit_for_bit() {
        List<Map<String, Weight>> all = RankThreads.run(3, ranks -> {
            var adam = new Optimization("ce", OptimizerRule.ADAMW, 1e-3, 0, SCHEDULE, 0, 0.9);
            try (var trained = new TrainedState(model, config().with(adam).withSeed(ranks.number()), ranks)) {
                if (ranks.first()) {
                    try (var scope = TensorScope.withoutGradients()) {
                        Map<String, org.bytedeco.pytorch.Tensor> memory = new LinkedHashMap<>();
                        trained.network().parameters().forEach((name, tensor) -> memory.put("mean." + name, tensor));
                        trained.optimizer().restore(memory);
                    }
                }
                trained.broadcast(ranks);
                Path file = folder.resolve("rank-" + ranks.number());
                Checkpoint.start().write(file, trained);
                return Safetensors.read(file).weights();
            }
        });
        assertThat(all.get(0)).containsKey("optimizer.mean.Conv1.conv.0.weight");
        assertThat(all.get(1)).isEqualTo(all.get(0));
        assertThat(all.get(2)).isEqualTo(all.get(0));
    }

    @Test
    void a_case_that_one_rank_cannot_read_is_reported_by_all() {
        List<Object> outcomes = RankThreads.outcomes(2, 60, ranks -> {
            DataSet own = data;
            if (!ranks.first()) {
                Path other = folder.resolve("other");
                PhantomFiles.write(other, 1, 40, 64);
                own = DataSets.open(other);
                delete(own.cases(split.train()).get(0).firstFile());
            }
            Run run = ranks.first() ? Run.create(folder.resolve("unreadable")) : null;
            return new Trainer(run, new TrainingJob(model, config(), own, split), ranks, TrainingListener.NONE);
        });
        assertThat((AttunetException) outcomes.get(0)).hasMessageStartingWith("rank 1 of 2: ");
        assertThat((AttunetException) outcomes.get(1)).hasMessageContaining("other");
        assertThat(folder.resolve("unreadable")).isEmptyDirectory();
    }

    @Test
    void more_ranks_than_patches_are_refused() {
        List<Object> outcomes = RankThreads.outcomes(
                3,
                60,
                ranks -> train(folder.resolve("many"), ranks, config().with(new BatchConfig(2, 1.0 / 3)), Acts.NONE));
        assertThat((AttunetException) outcomes.get(0)).hasMessageContaining("ranks", "the batch's 2 patches");
    }

    @Test
    void copies_with_common_statistics_are_refused() {
        assertThatThrownBy(() -> config().compute().divided(1, 2, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("syncBatchNorm");
    }

    @Test
    void ranks_of_one_machine_divide_threads_copies_and_workers() {
        TrainingConfig whole =
                config().with(new BatchConfig(8, 1.0 / 3)).with(new ComputeConfig("cpu", 8, 4, 7, false, false));
        assertThat(whole.shared(2, 2).compute()).isEqualTo(whole.compute().divided(4, 2, 3));
        assertThat(whole.shared(8, 8).compute()).isEqualTo(whole.compute().divided(1, 1, 1));
        assertThat(whole.shared(1, 1)).isEqualTo(whole);
        // On machines of their own too, no rank divides its patches among more copies than it has patches.
        assertThat(whole.shared(1, 4).compute().copies()).isEqualTo(2);
    }

    @Test
    void a_job_comes_back_from_json_as_it_went() {
        var job = new RankJob(
                DataFolders.of(folder.resolve("scans"), folder.resolve("truth")),
                PixelSize.of("0.5x0.4um"),
                7,
                model,
                config(),
                split,
                new RankConfig("host", 50123, 1, 2, "other", 1, 60));
        RankJob read = RankJob.ofJson(job.toJson());
        assertThat(read.toJson()).isEqualTo(job.toJson()).doesNotContain("\n");
        assertThat(read.data()).isEqualTo(job.data());
        assertThat(read.pixelSize()).isEqualTo(job.pixelSize());
        assertThat(read.ignored()).isEqualTo(7);
        assertThat(read.config()).isEqualTo(job.config());
        assertThat(read.split()).isEqualTo(split);
        assertThat(read.rank()).isEqualTo(job.rank());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{}", "[1]", "null", "{\"data\":\"d\",\"model\":{}}", "no json", "''"})
    void a_job_that_is_none_is_refused(String text) {
        assertThatThrownBy(() -> RankJob.ofJson(text)).isInstanceOf(AttunetException.class);
    }

    @Test
    void a_job_with_a_rank_out_of_range_is_refused() {
        var job = new RankJob(
                DataFolders.of(folder),
                null,
                -1,
                model,
                config(),
                split,
                new RankConfig("host", 50123, 1, 2, "other", 1, 60));
        String text = job.toJson().replace("\"number\":1", "\"number\":2");
        assertThatThrownBy(() -> RankJob.ofJson(text))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("rank: the value is 2");
    }

    @Test
    void settings_and_plans_of_older_versions_are_read_as_without_common_statistics() throws Exception {
        Path run = folder.resolve("older");
        TrainingConfig own = config().with(new ComputeConfig("cpu", 1, 1, 1, false, false));
        Run.create(run).begin(model, own, split, null, -1);
        Path settings = run.resolve("training.json");
        String text = Files.readString(settings).replaceFirst(",\\s*\"syncBatchNorm\" : false", "");
        assertThat(text).doesNotContain("syncBatchNorm");
        Files.writeString(settings, text);
        assertThat(Run.create(run).config()).isEqualTo(own);

        Path file = run.resolve("plan.yaml");
        new Plan(model, own).write(file);
        String plan = Files.readString(file).replaceFirst("(?m)^ *syncBatchNorm: false\\R", "");
        assertThat(plan).doesNotContain("syncBatchNorm");
        Files.writeString(file, plan);
        assertThat(Plan.read(file).config()).isEqualTo(own);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The tensors of a checkpoint, without the numbers that hold times. */
    private static StateDict tensors(Path run) {
        var weights =
                new LinkedHashMap<>(Safetensors.read(run.resolve("last.ckpt")).weights());
        assertThat(weights.remove("state")).isNotNull();
        return new StateDict(weights);
    }
}
