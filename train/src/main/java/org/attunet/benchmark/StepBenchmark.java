package org.attunet.benchmark;

import java.util.Arrays;
import java.util.Random;
import org.attunet.error.ConfigException;
import org.attunet.image.Sizes;
import org.attunet.loss.Loss;
import org.attunet.network.NetworkConfig;
import org.attunet.plan.OptimizerRule;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.Optimizer;
import org.attunet.train.TrainingStep;
import org.bytedeco.pytorch.Tensor;

/**
 * Times training steps on random numbers: forward, cross-entropy, backward, Adam. Every run ends in a Java value, so that
 * nothing is left to compute when the clock stops.
 *
 * @param config the network
 * @param size the patch's size (x, y[, z]), each a multiple of {@code config.multiple()}
 * @param batch patches at once, 1 or more
 * @param copies of the network that divide the batch among them, 1 to the batch
 * @param threads of one operation, shared out among the copies
 */
public record StepBenchmark(NetworkConfig config, int[] size, int batch, int copies, int threads) {
    private static final long SEED = 1;

    /** Checks the ranges. */
    public StepBenchmark {
        size = size.clone();
        if (size.length != config.dimension()) {
            throw new ConfigException("size", Arrays.toString(size), config.dimension() + " numbers");
        }
        for (int s : size) {
            if (s < 1 || s % config.multiple() != 0) {
                throw new ConfigException("size", Arrays.toString(size), "multiples of " + config.multiple());
            }
        }
        if (batch < 1) {
            throw new ConfigException("batch", batch, "a number above 0");
        }
    }

    /** Times so many steps. */
    public Latency run(int runs) {
        Natives.threads(threads);
        try (var network = TorchNetwork.create(config, SEED);
                var optimizer = Optimizer.of(OptimizerRule.ADAMW, network.parameters(), 0);
                var training = new TrainingStep(
                        network, optimizer, new Loss.CrossEntropy(), 0, "cpu", false, copies, threads)) {
            float[] input = numbers();
            long[] target = target();
            long[] number = {0};
            Runnable step = () -> NativeErrors.translate("training step", () -> {
                try (var scope = TensorScope.open()) {
                    Tensor x = Tensors.of(input, shape());
                    Tensor y = Tensors.ofLongs(target, targetShape());
                    return training.take(x, y, 1e-4, ++number[0]);
                }
            });
            return Latency.of(step, runs, batch);
        }
    }

    private float[] numbers() {
        var random = new Random(SEED);
        float[] values = new float[Math.multiplyExact(config.channels(), voxels())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private long[] target() {
        var random = new Random(SEED + 1);
        int classes = Math.max(2, config.outputs());
        return random.longs(voxels(), 0, classes).toArray();
    }

    /** The voxels of the batch. */
    private int voxels() {
        int count = batch;
        for (int s : size) {
            count = Math.multiplyExact(count, s);
        }
        return count;
    }

    /** (B, C, [D,] H, W). */
    private long[] shape() {
        return Sizes.shape(size, batch, config.channels());
    }

    /** (B, [D,] H, W). */
    private long[] targetShape() {
        return Sizes.shape(size, batch);
    }
}
