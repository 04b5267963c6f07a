package org.attunet.predict;

/**
 * The entropy of class probabilities in units of its greatest value, the logarithm of the number of classes: 0 where one
 * class is certain, 1 where all are equally probable. So it compares between models of any number of classes, and 0 to 1
 * is what a grey picture holds. For two classes the unit is the bit.
 */
final class Entropy {
    private Entropy() {}

    /**
     * The entropy of each voxel of a block.
     *
     * @param probabilities (outputs, voxels), a single output standing for one class against the background
     * @param target where the entropies are put, from {@code first} on
     */
    static void of(float[] probabilities, int outputs, int voxels, float[] target, int first) {
        double unit = unit(outputs);
        for (int i = 0; i < voxels; i++) {
            double sum = outputs == 1 ? term(1.0 - probabilities[i]) : 0;
            for (int k = 0; k < outputs; k++) {
                sum += term(probabilities[k * voxels + i]);
            }
            target[first + i] = (float) Math.min(1, sum * unit);
        }
    }

    /** The entropy of each voxel of a plane, one array for each output. */
    static float[] of(float[][] probabilities) {
        float[] entropy = new float[probabilities[0].length];
        double unit = unit(probabilities.length);
        for (int i = 0; i < entropy.length; i++) {
            double sum = probabilities.length == 1 ? term(1.0 - probabilities[0][i]) : 0;
            for (float[] output : probabilities) {
                sum += term(output[i]);
            }
            entropy[i] = (float) Math.min(1, sum * unit);
        }
        return entropy;
    }

    private static double unit(int outputs) {
        return 1 / Math.log(Math.max(2, outputs));
    }

    private static double term(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}
