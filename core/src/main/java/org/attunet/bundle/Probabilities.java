package org.attunet.bundle;

import org.attunet.image.VoxelLoop;
import org.attunet.network.NetworkShape;

/** Converts a network's output to probabilities. */
public final class Probabilities {
    private Probabilities() {}

    /**
     * Replaces logits by their sigmoid (one output) or softmax (several outputs) after division by the temperature. The
     * output of a network that returns probabilities is left as it is.
     *
     * @param outputs the network's output (outputs, [z,] y, x), which is overwritten and returned; a NaN logit gives NaN
     * @param network the network
     * @param temperature the divisor of the logits
     * @return probabilities of the same layout
     */
    public static float[] of(float[] outputs, NetworkShape network, double temperature) {
        if (!network.probabilities()) {
            int voxels = outputs.length / network.outputs();
            VoxelLoop.parallel(voxels, network.outputs(), (from, to) -> {
                for (int i = from; i < to; i++) {
                    if (network.outputs() == 1) {
                        outputs[i] = (float) (1 / (1 + Math.exp(-outputs[i] / temperature)));
                    } else {
                        softmax(outputs, i, voxels, temperature);
                    }
                }
            });
        }
        return outputs;
    }

    /** The softmax over the logits of one voxel, which are {@code stride} apart. */
    private static void softmax(float[] logits, int voxel, int stride, double temperature) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int k = voxel; k < logits.length; k += stride) {
            greatest = Math.max(greatest, logits[k]);
        }
        double sum = 0;
        for (int k = voxel; k < logits.length; k += stride) {
            double e = Math.exp((logits[k] - greatest) / temperature);
            sum += e;
            logits[k] = (float) e;
        }
        for (int k = voxel; k < logits.length; k += stride) {
            logits[k] = (float) (logits[k] / sum);
        }
    }
}
