package org.attunet.train;

import java.util.Arrays;
import java.util.Random;
import org.attunet.bundle.NetworkConfig;
import org.attunet.error.ConfigException;
import org.attunet.loss.Loss;
import org.attunet.network.Mode;
import org.attunet.network.Network;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Times the two things that a network does, on random numbers: one inference through the engine that predictions use, and
 * one training step (forward, cross-entropy, backward, Adam). Two runs warm up; every run ends in a Java value, so that
 * nothing is left to compute when the clock stops.
 *
 * @param config the network
 * @param size the block's size in grid order (x, y[, z]), each a multiple of {@code config.multiple()}
 * @param batch blocks at once, 1 or more
 * @param runs timed runs, 1 or more
 */
public record StepBenchmark(NetworkConfig config, int[] size, int batch, int runs) {
    private static final int WARM_UP = 2;
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
        if (runs < 1) {
            throw new ConfigException("runs", runs, "a number above 0");
        }
    }

    /**
     * What was measured.
     *
     * @param medianSeconds of one run
     * @param minSeconds of the fastest run
     * @param parameters of the network
     */
    public record Timing(double medianSeconds, double minSeconds, long parameters) {}

    /** Times inference, Java array in to Java array out. */
    public Timing inference() {
        float[] input = numbers(config.channels());
        Network network = Network.create(config, SEED);
        long parameters = network.parameterCount();
        try (var engine = TorchEngine.owning(network, "cpu")) {
            return timing(parameters, () -> engine.run(input, batch, size, false));
        }
    }

    /** Times a training step. */
    public Timing training() {
        try (var network = Network.create(config, SEED);
                var optimizer = Optimizer.of(Optimizer.Rule.ADAMW, network.parameters(), 0)) {
            float[] input = numbers(config.channels());
            long[] target = target();
            var loss = new Loss.CrossEntropy();
            long[] number = {0};
            return timing(
                    network.parameterCount(),
                    () -> NativeErrors.translate("training step", () -> {
                        try (var step = TensorScope.open()) {
                            optimizer.zeroGradients();
                            Tensor x = Tensors.of(input, shape(config.channels()));
                            Tensor y = Tensors.ofLongs(target, targetShape());
                            Tensor value =
                                    loss.of(network.forward(x, Mode.TRAINING).logits(), y);
                            value.backward();
                            optimizer.step(1e-4, ++number[0]);
                            return value.item_float();
                        }
                    }));
        }
    }

    private Timing timing(long parameters, Runnable run) {
        double[] seconds = new double[runs];
        for (int k = -WARM_UP; k < runs; k++) {
            long start = System.nanoTime();
            run.run();
            if (k >= 0) {
                seconds[k] = (System.nanoTime() - start) / 1e9;
            }
        }
        Arrays.sort(seconds);
        double median = (seconds[(runs - 1) / 2] + seconds[runs / 2]) / 2;
        return new Timing(median, seconds[0], parameters);
    }

    private float[] numbers(int channels) {
        var random = new Random(SEED);
        float[] values = new float[Math.multiplyExact(channels, voxels())];
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
    private long[] shape(int channels) {
        long[] spatial = targetShape();
        long[] shape = new long[spatial.length + 1];
        shape[0] = batch;
        shape[1] = channels;
        System.arraycopy(spatial, 1, shape, 2, spatial.length - 1);
        return shape;
    }

    /** (B, [D,] H, W). */
    private long[] targetShape() {
        long[] shape = new long[size.length + 1];
        shape[0] = batch;
        for (int axis = 0; axis < size.length; axis++) {
            shape[shape.length - 1 - axis] = size[axis];
        }
        return shape;
    }
}
