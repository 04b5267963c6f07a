package org.attunet.patches;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The linear map from a patch to its source: a matrix takes offsets from the patch's centre to offsets from the centre of
 * its box in the source. Without rotation and scaling it is a signed permutation of the axes, and patches are copied.
 *
 * @param axis the source axis along which each patch axis runs
 * @param sign 1, or -1 if it runs backwards
 * @param linear rotation and scaling within the source in voxels, 3 rows of 3, applied after the permutation; null for
 *     the identity
 */
record Transform(int[] axis, int[] sign, double @Nullable [][] linear) {
    private static final double SAME_SPACING = 0.05;

    /** The map of a patch that is cut unchanged. */
    static Transform identity() {
        return new Transform(new int[] {0, 1, 2}, new int[] {1, 1, 1}, null);
    }

    /** Draws flips, quarter turns, rotation and scaling; 2D patches leave axis z alone. */
    static Transform draw(Augmentation augmentation, int dimension, double[] spacing, RandomGenerator random) {
        Transform t = identity();
        for (int k = 0; k < Math.min(dimension, augmentation.mirroredAxes()); k++) {
            if (random.nextDouble() < augmentation.flip()) {
                t.sign[k] = -1;
            }
        }
        if (random.nextDouble() < augmentation.quarterTurn()) {
            int left = dimension == 2 ? 2 : random.nextInt(3); // the axis that stays
            t.turn(left == 0 ? 1 : 0, left == 2 ? 1 : 2, spacing, random);
        }
        boolean rotated = augmentation.rotation().happens(random);
        boolean scaled = augmentation.scaling().happens(random);
        if (!rotated && !scaled) {
            return t;
        }
        double[] angles = new double[3];
        for (int k = dimension == 2 ? 2 : 0; rotated && k < 3; k++) {
            angles[k] = Math.toRadians(augmentation.rotation().draw(random));
        }
        double factor = scaled ? augmentation.scaling().drawFactor(random) : 1;
        return new Transform(t.axis, t.sign, linear(dimension, angles, factor, spacing));
    }

    private void turn(int i, int j, double[] spacing, RandomGenerator random) {
        boolean square = Math.abs(spacing[i] / spacing[j] - 1) < SAME_SPACING;
        int quarters = square ? 1 + random.nextInt(3) : 2;
        if (quarters != 2) {
            int swap = axis[i];
            axis[i] = axis[j];
            axis[j] = swap;
        }
        if (quarters != 3) {
            sign[i] = -sign[i];
        }
        if (quarters != 1) {
            sign[j] = -sign[j];
        }
    }

    /** Rotation in millimetres about x, then y, then z, divided by the magnification, expressed in voxels. */
    static double[][] linear(int dimension, double[] angles, double factor, double[] spacing) {
        double[][] m = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        for (int k = 0; k < 3; k++) {
            int a = (k + 1) % 3;
            int b = (k + 2) % 3;
            double cos = Math.cos(angles[k]);
            double sin = Math.sin(angles[k]);
            for (int column = 0; column < 3; column++) {
                double p = m[a][column];
                double q = m[b][column];
                m[a][column] = cos * p - sin * q;
                m[b][column] = sin * p + cos * q;
            }
        }
        for (int row = 0; row < dimension; row++) {
            for (int column = 0; column < dimension; column++) {
                m[row][column] *= spacing[column] / spacing[row] / factor;
            }
        }
        return m;
    }

    /** The size, in the source's axes, of the box that a patch without rotation and scaling covers. */
    int[] box(int[] patch) {
        int[] box = new int[3];
        for (int a = 0; a < 3; a++) {
            box[axis[a]] = patch[a];
        }
        return box;
    }

    /** The matrix from patch offsets to source offsets, 3 rows of 3. */
    double[][] matrix() {
        double[][] m = new double[3][3];
        for (int row = 0; row < 3; row++) {
            for (int a = 0; a < 3; a++) {
                double value = linear == null ? (row == axis[a] ? 1 : 0) : linear[row][axis[a]];
                m[row][a] = value * sign[a];
            }
        }
        return m;
    }
}
