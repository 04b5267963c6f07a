package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.Plan;
import org.attunet.tensor.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialRunTest {
    @TempDir
    static Path folder;

    @Test
    void a_rehearsal_reports_positive_times_and_more_memory_than_the_process_holds_and_leaves_nothing() {
        PhantomFiles.write(folder.resolve("data"), 1, 12, 64);
        DataSet data = DataSets.open(folder.resolve("data"));
        Plan whole = Plan.of(data);
        Plan plan = new Plan(
                whole.model()
                        .withNetwork(whole.model().network().withWidths(List.of(4, 8, 16)))
                        .withPatch(32, 32),
                whole.config().with(whole.config().compute().divided(1, 1, 1)));
        var job = new TrainingJob(plan.model(), plan.config(), data, Split.of(data, 1), null, 1 << 30);
        int[] last = {0};
        TrialRun.Result trial = TrialRun.of(job, 0.1, 2.5, (done, total) -> last[0] = done);
        CostEstimate expected = trial.cost();

        assertThat(expected.preparationSeconds()).isGreaterThan(2.5);
        assertThat(expected.stepSeconds()).isPositive();
        assertThat(expected.validationSeconds()).isPositive();
        assertThat(expected.evaluationSeconds()).isPositive();
        assertThat(expected.memoryMib()).isGreaterThanOrEqualTo(ProcessMemory.now() >> 21);
        // which type is faster depends on the machine, the sentence on the processor
        assertThat(trial.numbers().reason()).contains(Processor.here().name());
        assertThat(trial.numbers().reason().contains("pairs of steps"))
                .isEqualTo(Processor.here().hasBfloat16());
        assertThat(last[0]).isEqualTo(100);
        assertThat(folder.toFile().list()).containsExactly("data");
    }
}
