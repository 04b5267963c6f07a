package org.attunet.plan;

import java.util.Arrays;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkCost;

/**
 * What a training step costs by arithmetic, before anything is measured: good for choosing between settings, within a
 * factor of two or so of what a machine then takes.
 */
final class CostModel {
    /** Operations that a core sustains over a whole step, per second; half of a convolution's own rate or less. */
    private static final double RATE_OF_A_CORE = 45.3e9;

    /** Bytes that training keeps for each value that the forward pass computes, gradients and copies included. */
    private static final double BYTES_PER_VALUE = 5.64;

    /** The Java machine and libtorch with nothing in them. */
    private static final long BASE_BYTES = 700L << 20;

    private CostModel() {}

    /** Seconds of a step on so many cores; the backward pass costs twice the forward one. */
    static double seconds(NetworkConfig network, int[] patch, int batch, int cores) {
        return 3 * NetworkCost.of(network).operations() * voxels(patch) * batch / (RATE_OF_A_CORE * cores);
    }

    /** Bytes of the process while it takes steps, prepared cases not counted. */
    static long bytes(NetworkConfig network, int[] patch, int batch) {
        double values = NetworkCost.of(network).values() * voxels(patch) * batch;
        return BASE_BYTES + (long) (BYTES_PER_VALUE * values);
    }

    static double voxels(int[] size) {
        return Arrays.stream(size).asDoubleStream().reduce(1, (a, b) -> a * b);
    }
}
