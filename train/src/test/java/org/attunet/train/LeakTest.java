package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.TrainingConfig;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** What is made in a step is freed by its end: native handles and resident memory stay flat. */
class LeakTest {
    private static final NetworkConfig CONFIG =
            NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(8, 16, 32)).withDeepSupervision(true);
    private static final long MIB = 1 << 20;

    @Test
    void two_hundred_training_steps_leave_handles_and_memory_flat() throws Exception {
        Natives.threads(1);
        var config = TrainingConfig.defaults()
                .with(new TrainingConfig.ComputeConfig("cpu", 2, 2, 1, false, false))
                .with(new TrainingConfig.BatchConfig(2, 0));
        try (TorchNetwork network = TorchNetwork.create(CONFIG, 1);
                WeightAverage average = new WeightAverage(network, TorchNetwork.create(CONFIG, 1), 0.99);
                Optimizer optimizer = Optimizer.of(OptimizerRule.ADAMW, network.parameters(), 1e-4);
                var step = new TrainingStep(network, optimizer, config, ProcessGroup.alone())) {
            float[] input = new float[2 * 64 * 64];
            long[] target = new long[2 * 64 * 64];
            for (int i = 0; i < input.length; i++) {
                input[i] = (i % 7) - 3;
                target[i] = i % 7 > 3 ? 1 : 0;
            }
            flat(number -> {
                try (var scope = TensorScope.open()) {
                    var x = Tensors.of(input, 2, 1, 64, 64);
                    step.take(x, Tensors.ofLongs(target, 2, 64, 64), 1e-3, number + 1L);
                    average.update(network, number + 1L);
                }
            });
        }
    }

    @Test
    void two_hundred_predictions_leave_handles_and_memory_flat() throws Exception {
        Natives.threads(1);
        var model = ModelDescription.of(
                "leak",
                CONFIG,
                Preprocessing.of(1, new Normalisation.ZScore()),
                LabelSet.of(java.util.Map.of(1, "one")),
                64,
                64);
        float[] values = new float[100 * 90];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 11;
        }
        Image image = Image.of(Grid.of(100, 90), values);
        try (Segmenter segmenter = Segmenter.of(
                TorchEngine.owning(TorchNetwork.create(CONFIG, 1), "cpu"),
                model,
                SegmenterOptions.defaults().withAttention(true).withProbabilities(true))) {
            flat(number -> segmenter.segment(image));
        }
    }

    private static void flat(java.util.function.IntConsumer work) throws InterruptedException {
        for (int k = 0; k < 50; k++) {
            work.accept(k);
        }
        // What the setup has left to the collector is not to go during the measurement, where it could hide a leak.
        System.gc();
        Thread.sleep(200);
        long handles = Pointer.totalCount();
        long bytes = Pointer.totalBytes();
        long resident = residentOutsideHeap();
        for (int k = 50; k < 250; k++) {
            work.accept(k);
        }
        assertThat(Pointer.totalCount()).as("native handles").isLessThanOrEqualTo(handles);
        assertThat(Pointer.totalBytes()).as("native bytes").isLessThanOrEqualTo(bytes);
        // 200 leaked steps would be hundreds of MiB.
        assertThat(residentOutsideHeap() - resident)
                .as("resident growth outside the heap")
                .isLessThan(96 * MIB);
    }

    private static long residentOutsideHeap() {
        return Pointer.physicalBytes() - Runtime.getRuntime().totalMemory();
    }
}
