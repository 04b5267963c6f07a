package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.annotation.ObjectWriter;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.objects.ObjectMap;
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

    @Test
    void a_rehearsal_of_objects_measures_them(@TempDir Path root) throws IOException {
        Files.createDirectory(root.resolve("images"));
        Files.createDirectory(root.resolve("labels"));
        Grid grid = Grid.ofPixels(32, 32);
        for (int k = 0; k < 6; k++) {
            float[] intensities = new float[grid.voxels()];
            int[] numbers = new int[grid.voxels()];
            for (int i = 0; i < numbers.length; i++) {
                int place = i % 32 < 14 + k ? 1 : i % 32 < 26 ? 2 : 0; // two that touch
                numbers[i] = i / 32 < 20 ? place : 0;
                intensities[i] = numbers[i] > 0 ? 200 : 20;
            }
            Images.write(Image.of(grid, intensities), root.resolve("images/" + k + ".png"));
            ObjectWriter.writeLabels(new ObjectMap(grid, numbers), root.resolve("labels/" + k + ".png"));
        }
        DataSet data = DataSets.open(DataFolders.of(root).ofObjects(true));
        Plan whole = Plan.of(data);
        var job = new TrainingJob(
                whole.model()
                        .withNetwork(whole.model().network().withWidths(List.of(4, 8)))
                        .withPatch(16, 16),
                whole.config().with(whole.config().compute().divided(1, 1, 1)),
                data,
                Split.of(data, 1),
                null,
                1 << 30);
        assertThat(TrialRun.of(job, 0.1, 0, ProgressListener.NONE).cost().evaluationSeconds())
                .isPositive();
    }
}
