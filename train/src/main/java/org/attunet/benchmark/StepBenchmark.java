package org.attunet.benchmark;

import java.util.Arrays;
import java.util.Random;
import org.attunet.error.ConfigException;
import org.attunet.export.OnnxExport;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.Optimizer;
import org.attunet.train.TrainingStep;
import org.bytedeco.pytorch.Tensor;

/**
 * Training steps on random numbers: forward, cross-entropy, backward, AdamW. A step returns a Java value, so nothing is
 * left to compute when the clock stops.
 *
 * @param config the network
 * @param size the patch's size (x, y[, z]), each a multiple of {@code config.multiple()}
 * @param batch patches per step, 1 or more
 * @param copies of the network that divide the batch, 1 to the batch
 * @param threads of one operation, divided among the copies
 * @param bf16 whether convolutions run in bfloat16
 */
record StepBenchmark(NetworkConfig config, int[] size, int batch, int copies, int threads, boolean bf16) {
    private static final long SEED = 1;

    /** Checks the ranges. */
    StepBenchmark {
        if (size.length != config.dimension()) {
            throw new ConfigException("size", Arrays.toString(size), config.dimension() + " numbers");
        }
        int multiple = config.multiple();
        if (Arrays.stream(size).anyMatch(s -> s < 1 || s % multiple != 0)) {
            throw new ConfigException("size", Arrays.toString(size), "multiples of " + multiple);
        }
        if (batch < 1) {
            throw new ConfigException("batch", batch, "a number above 0");
        }
    }

    Latency run(int runs) {
        Natives.threads(threads);
        float[] one = OnnxExport.testInput(config, size);
        float[] input = new float[Math.multiplyExact(one.length, batch)]; // (B, C, [D,] H, W)
        for (int k = 0; k < batch; k++) {
            System.arraycopy(one, 0, input, k * one.length, one.length);
        }
        int classes = Math.max(2, config.outputs());
        long[] target = new Random(SEED) // (B, [D,] H, W)
                .longs(input.length / config.channels(), 0, classes)
                .toArray();
        var constant = new Schedule(Schedule.Shape.CONSTANT, 0);
        TrainingConfig settings = TrainingConfig.defaults()
                .with(new TrainingConfig.BatchConfig(batch, 0))
                .with(new TrainingConfig.ComputeConfig("cpu", threads, copies, 1, bf16, false))
                .with(new TrainingConfig.Optimization("ce", OptimizerRule.ADAMW, 1e-4, 0, constant, 0, 0));
        try (var network = TorchNetwork.create(config, SEED);
                var optimizer = Optimizer.of(OptimizerRule.ADAMW, network.parameters(), 0);
                var step = new TrainingStep(network, optimizer, settings, ProcessGroup.alone())) {
            long[] number = {0};
            Runnable run = () -> NativeErrors.translate("training step", () -> {
                try (var scope = TensorScope.open()) {
                    Tensor x = Tensors.of(input, Sizes.shape(size, batch, config.channels()));
                    Tensor y = Tensors.ofLongs(target, Sizes.shape(size, batch));
                    return step.take(x, y, 1e-4, ++number[0]);
                }
            });
            return Latency.of(run, runs, batch);
        }
    }
}
