package org.attunet.phantom;

import java.util.Random;

/** Value noise: a smooth random field of mean 0 and standard deviation near 1, interpolated from a random lattice. */
final class ValueNoise {
    private final int size;
    private final double cell;
    private final float[] lattice;

    /** @param cell millimetres between lattice points, about the grain size of the texture */
    ValueNoise(Random random, double field, double cell) {
        this.cell = cell;
        size = (int) Math.ceil(field / cell) + 2;
        lattice = new float[size * size];
        for (int i = 0; i < lattice.length; i++) {
            lattice[i] = (float) (1.5 * random.nextGaussian()); // interpolation reduces the deviation by a third
        }
    }

    /** The field at a point, in millimetres from the upper left corner. */
    double at(double x, double y) {
        int i = (int) (x / cell);
        int j = (int) (y / cell);
        double fx = smooth(x / cell - i);
        double fy = smooth(y / cell - j);
        int k = j * size + i;
        double top = lattice[k] + fx * (lattice[k + 1] - lattice[k]);
        double bottom = lattice[k + size] + fx * (lattice[k + size + 1] - lattice[k + size]);
        return top + fy * (bottom - top);
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }
}
