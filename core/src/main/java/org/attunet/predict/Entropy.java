package org.attunet.predict;

import org.attunet.image.VoxelLoop;

/**
 * The normalised entropy of class probabilities: their entropy over the logarithm of the number of classes, 0 if one class
 * is certain and 1 if all are equally probable. It is comparable between models with different numbers of classes.
 */
final class Entropy {
    private Entropy() {}

    /**
     * Computes the entropy of each voxel of a block.
     *
     * @param probabilities (outputs, voxels); a single output is one class against the background
     * @param target receives the entropies from index {@code first} on
     */
    static void of(float[] probabilities, int outputs, int voxels, float[] target, int first) {
        double unit = unit(outputs);
        VoxelLoop.parallel(voxels, outputs, (from, to) -> {
            for (int i = from; i < to; i++) {
                double sum = outputs == 1 ? term(1.0 - probabilities[i]) : 0;
                for (int k = 0; k < outputs; k++) {
                    sum += term(probabilities[k * voxels + i]);
                }
                target[first + i] = (float) Math.min(1, sum * unit);
            }
        });
    }

    /** The entropy of each voxel of a plane, from one array for each output. */
    static float[] of(float[][] probabilities) {
        float[] entropy = new float[probabilities[0].length];
        double unit = unit(probabilities.length);
        VoxelLoop.parallel(entropy.length, probabilities.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                double sum = probabilities.length == 1 ? term(1.0 - probabilities[0][i]) : 0;
                for (float[] output : probabilities) {
                    sum += term(output[i]);
                }
                entropy[i] = (float) Math.min(1, sum * unit);
            }
        });
        return entropy;
    }

    private static double unit(int outputs) {
        return 1 / Math.log(Math.max(2, outputs));
    }

    private static double term(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}
