package org.attunet.plan;

import org.attunet.network.NetworkConfig;

/**
 * What a training step costs by arithmetic, before anything is measured: good for choosing between settings, within a
 * factor of two or so of what a machine then takes.
 */
final class CostModel {
    /** What a core sustains over a whole step, in operations a second; half of a convolution's own rate or less. */
    private static final double RATE_OF_A_CORE = 50e9;

    /** Bytes that training keeps for each voxel and channel of a level: outputs, their gradients, and copies of both. */
    private static final double BYTES_KEPT = 80;

    /** The Java machine and libtorch with nothing in them. */
    private static final long BASE_BYTES = 700L << 20;

    private CostModel() {}

    /** Multiplications and additions of the forward pass for one voxel of the input. */
    static double operations(NetworkConfig network) {
        double kernel = Math.pow(3, network.dimension());
        double shrink = Math.pow(2, network.dimension());
        double sum = 0;
        double voxels = 1;
        int before = network.channels();
        for (int level = 0; level < network.levels(); level++) {
            double w = network.widths().get(level);
            double encoder = before * w + w * w;
            // above the lowest level: one convolution over skip and decoder together, and one more
            double decoder = level < network.levels() - 1 ? 3 * w * w + 2 * w * w * shrink / kernel : 0;
            sum += 2 * kernel * voxels * (encoder + decoder);
            voxels /= shrink;
            before = (int) w;
        }
        return sum;
    }

    /** Seconds of a step on so many cores; the backward pass costs twice the forward one. */
    static double seconds(NetworkConfig network, int[] patch, int batch, int cores) {
        return 3 * operations(network) * voxels(patch) * batch / (RATE_OF_A_CORE * cores);
    }

    /** Bytes of the process while it takes steps, prepared cases not counted. */
    static long bytes(NetworkConfig network, int[] patch, int batch) {
        double shrink = Math.pow(2, network.dimension());
        double perVoxel = 0;
        double share = 1;
        for (int width : network.widths()) {
            perVoxel += share * width * BYTES_KEPT;
            share /= shrink;
        }
        return BASE_BYTES + (long) (perVoxel * voxels(patch) * batch);
    }

    static double voxels(int[] size) {
        double voxels = 1;
        for (int s : size) {
            voxels *= s;
        }
        return voxels;
    }
}
