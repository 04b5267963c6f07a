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
     * @param probabilities (outputs, voxels)
     * @param independent whether each output is one label against its absence; the entropy is then the mean of theirs
     * @param target receives the entropies from index {@code first} on
     */
    static void of(float[] probabilities, int outputs, boolean independent, int voxels, float[] target, int first) {
        double unit = unit(outputs, independent);
        VoxelLoop.parallel(voxels, outputs, (from, to) -> {
            for (int i = from; i < to; i++) {
                double sum = 0;
                for (int k = 0; k < outputs; k++) {
                    sum += term(probabilities[k * voxels + i], independent);
                }
                target[first + i] = (float) Math.min(1, sum * unit);
            }
        });
    }

    /** The entropy of each voxel of a plane, from one array for each output. */
    static float[] of(float[][] probabilities, boolean independent) {
        float[] entropy = new float[probabilities[0].length];
        double unit = unit(probabilities.length, independent);
        VoxelLoop.parallel(entropy.length, probabilities.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                double sum = 0;
                for (float[] output : probabilities) {
                    sum += term(output[i], independent);
                }
                entropy[i] = (float) Math.min(1, sum * unit);
            }
        });
        return entropy;
    }

    private static double unit(int outputs, boolean independent) {
        return independent ? 1 / (outputs * Math.log(2)) : 1 / Math.log(outputs);
    }

    private static double term(double p, boolean independent) {
        return independent ? term(1 - p) + term(p) : term(p);
    }

    private static double term(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}
