package org.attunet.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.network.NetworkConfig;

/**
 * An engine whose logits are a known function of the input: for output k, {@code slope * (mean - threshold_k)} where the
 * mean is over the channels and a box of voxels around the voxel, with what lies beyond the block left out. Radius 0
 * makes it pointwise. It has one gate at half the resolution, whose map is the input's mean over its cell.
 */
final class FunctionEngine implements Engine {
    final List<int[]> sizes = new ArrayList<>();
    final AtomicInteger closed = new AtomicInteger();
    private final NetworkConfig network;
    private final int radius;

    FunctionEngine(NetworkConfig network, int radius) {
        this.network = network;
        this.radius = radius;
    }

    /** A network of two levels, so that blocks must be of even size. */
    static NetworkConfig network(int dimension, int channels, int outputs) {
        return NetworkConfig.attUNet(dimension, channels, outputs).withWidths(List.of(4, 8));
    }

    /** The logit that a voxel with the given mean gets in output k of n. */
    static float logit(float mean, int k, int outputs) {
        return outputs == 1 ? 4 * (mean - 0.5f) : -4 * Math.abs(mean - k);
    }

    @Override
    public NetworkConfig network() {
        return network;
    }

    @Override
    public Output run(float[] input, int batch, int[] size, boolean attention) {
        synchronized (sizes) {
            sizes.add(size.clone());
        }
        for (int n : size) {
            if (n % network.multiple() != 0) {
                throw new IllegalArgumentException("size " + n + " is no multiple of " + network.multiple());
            }
        }
        int sizeZ = size.length > 2 ? size[2] : 1;
        int voxels = size[0] * size[1] * sizeZ;
        float[] logits = new float[batch * network.outputs() * voxels];
        for (int b = 0; b < batch; b++) {
            for (int i = 0; i < voxels; i++) {
                float mean = mean(input, b, i, size[0], size[1], sizeZ);
                for (int k = 0; k < network.outputs(); k++) {
                    logits[(b * network.outputs() + k) * voxels + i] = logit(mean, k, network.outputs());
                }
            }
        }
        return new Output(logits, attention ? List.of(gate(input, size)) : List.of());
    }

    private float mean(float[] input, int b, int index, int sizeX, int sizeY, int sizeZ) {
        int voxels = sizeX * sizeY * sizeZ;
        int x = index % sizeX;
        int y = index / sizeX % sizeY;
        int z = index / (sizeX * sizeY);
        double sum = 0;
        int count = 0;
        for (int c = 0; c < network.channels(); c++) {
            for (int k = Math.max(0, z - radius); k <= Math.min(sizeZ - 1, z + radius); k++) {
                for (int j = Math.max(0, y - radius); j <= Math.min(sizeY - 1, y + radius); j++) {
                    for (int i = Math.max(0, x - radius); i <= Math.min(sizeX - 1, x + radius); i++) {
                        sum += input[(b * network.channels() + c) * voxels + i + sizeX * (j + sizeY * k)];
                        count++;
                    }
                }
            }
        }
        return (float) (sum / count);
    }

    private static AttentionMap gate(float[] input, int[] size) {
        int[] half = new int[size.length];
        int cells = 1;
        for (int axis = 0; axis < size.length; axis++) {
            half[axis] = size[axis] / 2;
            cells *= half[axis];
        }
        float[] values = new float[2 * cells];
        int depth = size.length > 2 ? 2 : 1;
        int halfZ = size.length > 2 ? half[2] : 1;
        for (int z = 0; z < halfZ * depth; z++) {
            for (int y = 0; y < half[1] * 2; y++) {
                for (int x = 0; x < half[0] * 2; x++) {
                    int cell = x / 2 + half[0] * (y / 2 + half[1] * (z / depth));
                    float share = input[x + size[0] * (y + size[1] * z)] / (4 * depth);
                    values[cell] += share;
                    values[cells + cell] -= share;
                }
            }
        }
        return new AttentionMap("Att2", 2, half, values);
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
