package org.attunet.bundle;

import java.util.Arrays;
import org.attunet.image.VoxelLoop;
import org.attunet.network.NetworkShape;

/** Converts a network's output to probabilities. */
public final class Probabilities {
    private Probabilities() {}

    /**
     * Replaces logits by their sigmoid or softmax after division by the temperature. The
     * output of a network that returns probabilities is left as it is.
     *
     * @param outputs the network's output (outputs, [z,] y, x), which is overwritten and returned; a NaN logit gives NaN
     * @param network the network
     * @param independent whether each output is a probability of its own (sigmoid); else they add up to 1 (softmax)
     * @param temperature the divisor of the logits
     * @return probabilities of the same layout
     */
    public static float[] of(float[] outputs, NetworkShape network, boolean independent, double temperature) {
        if (!network.probabilities()) {
            int voxels = outputs.length / network.outputs();
            VoxelLoop.parallel(voxels, network.outputs(), (from, to) -> {
                if (!independent) {
                    softmax(outputs, from, to, voxels, temperature);
                    return;
                }
                for (int first = 0; first < outputs.length; first += voxels) {
                    for (int i = first + from; i < first + to; i++) {
                        outputs[i] = (float) (1 / (1 + Math.exp(-outputs[i] / temperature)));
                    }
                }
            });
        }
        return outputs;
    }

    /**
     * The softmax over the logits of the voxels {@code from} to {@code to - 1}, class by class: a voxel's logits, which are
     * {@code stride} apart, would share few lines of the cache.
     */
    private static void softmax(float[] logits, int from, int to, int stride, double temperature) {
        double[] greatest = new double[to - from];
        double[] sum = new double[to - from];
        Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
        for (int first = from; first < logits.length; first += stride) {
            for (int i = 0; i < sum.length; i++) {
                greatest[i] = Math.max(greatest[i], logits[first + i]);
            }
        }
        for (int first = from; first < logits.length; first += stride) {
            for (int i = 0; i < sum.length; i++) {
                double e = Math.exp((logits[first + i] - greatest[i]) / temperature);
                sum[i] += e;
                logits[first + i] = (float) e;
            }
        }
        for (int first = from; first < logits.length; first += stride) {
            for (int i = 0; i < sum.length; i++) {
                logits[first + i] = (float) (logits[first + i] / sum[i]);
            }
        }
    }
}
