package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.network.NetworkConfig;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig.Length;
import org.attunet.plan.TrainingConfig.Optimization;
import org.attunet.plan.TrainingConfig.ValidationConfig;
import org.attunet.tensor.TensorScope;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.attunet.weights.Weight;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose weights are made not a number after some steps. */
class RecoveryTest {
    @TempDir
    static Path folder;

    static DataSet data;

    @BeforeAll
    static void phantoms() {
        PhantomFiles.write(folder.resolve("data"), 1, 10, 64);
        data = DataSets.open(folder.resolve("data"));
    }

    private static Plan plan() {
        Plan plan = Plan.of(data);
        NetworkConfig tiny = plan.model().network().withWidths(List.of(4, 8, 16));
        return new Plan(
                plan.model().withNetwork(tiny).withPatch(32, 32),
                plan.config()
                        .with(plan.config().compute().divided(1, 1, 2))
                        .with(new Length(16, 0))
                        .with(new ValidationConfig(4, 0))
                        .with(plan.config().batches().withSize(2)));
    }

    private static Trainer trainer(Path run, TrainingListener listener) {
        var job = new TrainingJob(plan().model(), plan().config(), data, Split.of(data, 1));
        return new Trainer(Run.create(run), job, listener);
    }

    /** Trains, makes the weights not a number the first time that it comes past given steps, and stops at another. */
    private static List<TrainingWarning> train(Path run, Set<Long> poisoned, Set<Long> done, long stopAt) {
        List<TrainingWarning> warnings = new ArrayList<>();
        Trainer[] holder = new Trainer[1];
        var poison = new TrainingListener() {
            @Override
            public void stepped(long step, double progress, double minutes, double loss) {
                if (poisoned.contains(step) && done.add(step)) {
                    try (var scope = TensorScope.withoutGradients()) {
                        holder[0].network().parameters().values().forEach(p -> p.mul_(new Scalar(Double.NaN)));
                    }
                }
                if (step == stopAt) {
                    holder[0].requestStop();
                }
            }

            @Override
            public void warned(TrainingWarning warning) {
                warnings.add(warning);
            }
        };
        try (var trainer = trainer(run, poison)) {
            holder[0] = trainer;
            trainer.train();
        }
        return warnings;
    }

    @Test
    void after_weights_that_are_no_number_training_goes_back_to_its_last_validation_with_half_the_rate()
            throws Exception {
        Path run = folder.resolve("back");
        List<TrainingWarning> warnings = train(run, Set.of(10L), new java.util.HashSet<>(), -1);
        assertThat(warnings).filteredOn(w -> w.about().equals("return 1")).isNotEmpty();
        TrainingWarning told = warnings.stream()
                .filter(w -> w.about().equals("return 1"))
                .findFirst()
                .orElseThrow();
        assertThat(told.step()).isEqualTo(11);
        assertThat(told.text()).contains("at step 11", "back to step 8", "0.00100 at most");
        List<String> rows = Files.readAllLines(run.resolve("history.csv"));
        assertThat(rows).hasSize(17); // the steps that were taken back are not told twice
        Optimization optimization = plan().config().optimization();
        for (int step : List.of(8, 9)) {
            double rate = Double.parseDouble(rows.get(step).split(",", -1)[4]);
            double full = optimization.rate(step / 16.0);
            assertThat(rate).isCloseTo(step == 8 ? full : full / 2, org.assertj.core.api.Assertions.within(1e-8));
        }
    }

    @Test
    void a_resumed_run_that_went_back_twice_equals_an_unbroken_one() {
        Path unbroken = folder.resolve("unbroken");
        Path resumed = folder.resolve("resumed");
        Set<Long> poisoned = Set.of(2L, 9L, 12L); // before the first validation, after one, at one
        train(unbroken, poisoned, new java.util.HashSet<>(), -1);
        Set<Long> done = new java.util.HashSet<>();
        for (long stop : List.of(1L, 5L, 10L, 11L, 14L, -1L)) {
            train(resumed, poisoned, done, stop);
        }
        assertThat(done).isEqualTo(poisoned);
        assertThat(tensors(resumed)).isEqualTo(tensors(unbroken));
        assertThat(resumed.resolve("attention.csv")).hasSameTextualContentAs(unbroken.resolve("attention.csv"));
    }

    @Test
    void after_five_returns_training_gives_up_and_says_what_to_do() {
        Path run = folder.resolve("hopeless");
        Trainer[] holder = new Trainer[1];
        int[] returns = new int[1];
        var poison = new TrainingListener() {
            @Override
            public void stepped(long step, double progress, double minutes, double loss) {
                try (var scope = TensorScope.withoutGradients()) {
                    holder[0].network().parameters().values().forEach(p -> p.mul_(new Scalar(Double.NaN)));
                }
            }

            @Override
            public void warned(TrainingWarning warning) {
                returns[0]++;
            }
        };
        try (var trainer = trainer(run, poison)) {
            holder[0] = trainer;
            assertThatThrownBy(trainer::train)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("--lr");
        }
        assertThat(returns[0]).isEqualTo(5);
    }

    @Test
    void attention_is_reported_for_each_gate_at_each_validation() throws Exception {
        Path run = folder.resolve("attention");
        train(run, Set.of(), new java.util.HashSet<>(), -1);
        List<String> rows = Files.readAllLines(run.resolve("attention.csv"));
        assertThat(rows).hasSize(1 + 4 * 2).first().isEqualTo("step,gate,inside,outside");
        for (int i = 1; i < rows.size(); i++) {
            String[] cells = rows.get(i).split(",", -1);
            assertThat(cells[0]).isEqualTo(Integer.toString(4 * ((i + 1) / 2)));
            assertThat(cells[1]).isEqualTo(i % 2 == 1 ? "Att3" : "Att2");
            assertThat(Double.parseDouble(cells[2])).isBetween(0.0, 1.0);
            assertThat(Double.parseDouble(cells[3])).isBetween(0.0, 1.0);
        }
    }

    private static StateDict tensors(Path run) {
        Map<String, Weight> weights =
                new LinkedHashMap<>(Safetensors.read(run.resolve("last.ckpt")).weights());
        assertThat(weights.remove("state")).isNotNull();
        return new StateDict(weights);
    }
}
