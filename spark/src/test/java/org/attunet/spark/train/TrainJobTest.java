package org.attunet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.patches.Augmentation;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.spark.TestSpark;
import org.attunet.spark.job.Progress;
import org.attunet.spark.storage.FarFileSystem;
import org.attunet.train.Run;
import org.attunet.train.Trainer;
import org.attunet.train.TrainingJob;
import org.attunet.train.TrainingListener;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainJobTest {
    private static final int LONG = 120;

    @TempDir
    static Path folder;

    static Path data;
    static Path plan;
    static SparkSession spark;

    @BeforeAll
    static void phantomsAndTwoExecutors() {
        data = folder.resolve("data");
        PhantomFiles.write(data, 1, 20, 64);
        Plan made = Plan.of(DataSets.open(data));
        ModelDescription model = made.model()
                .withNetwork(made.model().network().withWidths(List.of(4, 8, 16)))
                .withPatch(32, 32);
        plan = folder.resolve("plan.yaml");
        made.with(model, config(made.config()), "a test").write(plan);
        spark = TestSpark.cluster(
                Map.of("spark.executor.heartbeatInterval", "200ms")); // progress that a kill waits for
        spark.sparkContext().hadoopConfiguration().set("fs.far.impl", FarFileSystem.class.getName());
    }

    @AfterAll
    static void stop() {
        TestSpark.stop();
    }

    private static TrainingConfig config(TrainingConfig planned) {
        TrainingConfig.Optimization usual = planned.optimization();
        // AdamW takes rounding for gradients where there are none.
        var sgd = new TrainingConfig.Optimization(
                usual.loss(),
                OptimizerRule.SGD,
                1e-3,
                usual.weightDecay(),
                usual.schedule(),
                usual.clip(),
                usual.average());
        return planned.with(planned.batches().withSize(4))
                .with(sgd)
                .with(new TrainingConfig.ValidationConfig(6, 0))
                .with(Augmentation.none());
    }

    private static TrainOrder order(Path run, long steps, boolean syncBatchNorm) {
        return order(data.toString(), run.toString(), 2, steps, syncBatchNorm);
    }

    private static TrainOrder order(String from, String run, int ranks, long steps, boolean syncBatchNorm) {
        var overrides = new TrainOrder.Overrides(0, steps, 0, 1L, syncBatchNorm);
        return new TrainOrder(from, run, ranks, false, plan, LabelMap.NONE, overrides);
    }

    private static JsonNode train(TrainOrder order) {
        return new TrainJob(spark).run(order, (done, total) -> {});
    }

    @Test
    void two_executors_come_to_the_weights_of_one_process_with_the_same_batch() {
        Path run = folder.resolve("together");
        JsonNode result = train(order(run, 20, true));
        assertThat(result.path("steps").asLong()).isEqualTo(20);
        assertThat(result.path("held_out").asBoolean()).isTrue();
        assertThat(run.resolve("report.html")).isNotEmptyFile();

        Path alone = folder.resolve("alone");
        DataSet set = DataSets.open(data);
        Run kept = Run.create(alone);
        Run trained = Run.open(run);
        var job = new TrainingJob(
                ModelDescription.read(trained.model()), trained.config(), set, Split.read(trained.split()));
        try (var trainer = new Trainer(kept, job, TrainingListener.NONE)) {
            trainer.train();
        }
        StateDict expected = TorchFile.read(alone.resolve("weights.pt"));
        StateDict found = TorchFile.read(run.resolve("weights.pt"));
        for (String name : expected.names()) {
            assertThat(found.get(name).floats())
                    .as(name)
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(expected.get(name).floats());
        }
    }

    @Test
    void with_an_executor_killed_and_all_files_on_another_file_system_the_weights_are_those_of_an_unbroken_training()
            throws Exception {
        Path unbroken = folder.resolve("unbroken");
        train(order(unbroken, LONG, false));
        Path broken = folder.resolve("broken");
        List<ProcessHandle> before = TestSpark.executors();
        assertThat(before).hasSize(2);
        var killed = new AtomicBoolean();
        Progress kill = (done, total) -> {
            if (done > total / 3 && Files.exists(broken.resolve("weights.pt")) && !killed.getAndSet(true)) {
                before.get(1).destroyForcibly();
            }
        };
        var far = order("far://host" + data, "far://host" + broken, 2, LONG, false);
        new TrainJob(spark).run(far, kill);
        assertThat(killed).isTrue();
        assertThat(before.get(1).isAlive()).isFalse();
        assertThat(broken.resolve("weights.pt")).hasSameBinaryContentAs(unbroken.resolve("weights.pt"));
        assertThat(broken.resolve("good.ckpt")).doesNotExist();
        assertThat(broken.resolve("report.html")).isNotEmptyFile();
        assertThat(Files.readString(broken.resolve("cases.csv")))
                .isEqualTo(Files.readString(unbroken.resolve("cases.csv")));
    }

    @Test
    void a_run_that_is_there_is_not_trained_over_without_being_asked_to_go_on() {
        Path run = folder.resolve("there");
        TrainOrder few = order(run, 4, false);
        train(few);
        assertThatThrownBy(() -> train(few))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it holds a training already")
                .hasMessageContaining("--resume");
    }

    @Test
    void a_case_that_cannot_be_read_is_named_by_its_address_and_not_tried_again() throws Exception {
        Path bad = folder.resolve("bad");
        PhantomFiles.write(bad, 1, 20, 64);
        var unreadable = order("far://host" + bad, folder.resolve("none").toString(), 2, 4, false);
        Split split = Split.of(DataSets.open(bad), 1);
        Path image = bad.resolve("images/" + split.train().get(0) + ".nii.gz");
        byte[] content = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(content, content.length / 2)); // its header is whole
        assertThatThrownBy(() -> train(unreadable))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(
                        "far://host" + bad + "/images/" + split.train().get(0))
                .hasMessageNotContaining("Spark gave it up");
    }

    @Test
    void more_ranks_than_patches_and_missing_data_are_refused_with_a_sentence() {
        var many = order(data.toString(), folder.resolve("many").toString(), 5, 4, false);
        assertThatThrownBy(() -> train(many))
                .hasMessageContaining("ranks")
                .hasMessageContaining("at most the batch's 4 patches");
        var nothing =
                order(folder.resolve("nothing").toString(), folder.resolve("x").toString(), 2, 4, false);
        assertThatThrownBy(() -> train(nothing))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("nothing");
    }
}
