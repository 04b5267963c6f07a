package org.attunet.server.page;

import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/**
 * A synthetic volume that resembles T1-weighted MR around a hippocampus: a bent grey tube, thick in front and thin behind,
 * with fluid along its upper side, white matter around it and a folded sheet of cortex below. Intensities have no unit;
 * voxels are 1 mm, axes right, anterior, superior.
 */
final class HippocampusPhantom {
    private static final int WIDTH = 40;
    private static final int LENGTH = 56;
    private static final int HEIGHT = 40;
    private static final long SEED = 5;

    private static final double WHITE = 633;
    private static final double GREY = 350;
    private static final double FLUID = 56;
    private static final double NOISE = 25;

    /** The tube's centre line from tail to head: right, anterior, superior and radius in millimetres. */
    private static final double[][] CENTRE_LINE = {
        {24.9, 8, 28, 2.3},
        {18.9, 11, 25, 3.1},
        {15.9, 18, 20, 3.7},
        {16.9, 25, 15, 3.9},
        {18.9, 32, 11, 4.7},
        {21.9, 39, 8, 5.8},
        {24.9, 44, 7, 5.2}
    };

    private HippocampusPhantom() {}

    /** Returns the volume, the same each time. */
    static Image image() {
        float[] values = new float[WIDTH * LENGTH * HEIGHT];
        var random = new Random(SEED);
        for (int i = 0; i < values.length; i++) {
            double mean = tissue(i % WIDTH, i / WIDTH % LENGTH, i / WIDTH / LENGTH);
            values[i] = (float) Math.max(0, Math.round(mean + NOISE * random.nextGaussian()));
        }
        return Image.of(Grid.of(WIDTH, LENGTH, HEIGHT), values);
    }

    private static double tissue(double x, double y, double z) {
        double value = WHITE * (1 + 0.05 * Math.sin(0.31 * x + 0.2 * y) * Math.sin(0.23 * z + 0.17 * y));
        double sheet = sheet(x, y, z);
        value = mix(value, 468, inside(1.4 - Math.abs(sheet))); // cortex
        value = mix(value, 202, inside(0.8 - Math.abs(sheet - 3))); // the sulcus along it
        value = mix(value, 472, inside(9 - length(x - 31, 0.6 * (y - 26), z - 32))); // a nucleus above
        value = mix(value, 321, inside(7.5 - length(0.9 * (x - 19), y - 47, z - 20))); // amygdala, in front
        value = mix(value, FLUID, inside(11 - length(0.6 * (x - 40), 0.25 * (y - 30), 0.8 * (z - 9)))); // cistern
        double tube = tube(x, y, z, 0);
        value = mix(value, FLUID, inside(tube(x, y, z, -2.2) + 0.2) * inside(4.7 - 0.4 * (x - 17))); // ventricle
        value = mix(value, 1.04 * WHITE, inside(tube(x, y, z, 2)) * inside(1 - tube)); // fibres below the tube
        return mix(value, GREY * (1 + 0.06 * Math.sin(0.9 * x + 0.5 * y)), inside(tube));
    }

    /** Returns the millimetres above a folded sheet under the tube. */
    private static double sheet(double x, double y, double z) {
        double fold = 2.4 * Math.sin(0.42 * x + 0.6) + 1.5 * Math.sin(0.21 * y + 0.25 * x);
        return 7.2 - 0.42 * (y - 26) + fold - 0.9 * z + 0.12 * (x - 18);
    }

    /** Returns the depth below the tube's surface in millimetres, negative outside; {@code down} moves the tube down. */
    private static double tube(double x, double y, double z, double down) {
        double deepest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k + 1 < CENTRE_LINE.length; k++) {
            double[] a = CENTRE_LINE[k];
            double[] b = CENTRE_LINE[k + 1];
            double dx = b[0] - a[0];
            double dy = b[1] - a[1];
            double dz = b[2] - a[2];
            double t = (dx * (x - a[0]) + dy * (y - a[1]) + dz * (z + down - a[2])) / (dx * dx + dy * dy + dz * dz);
            t = Math.max(0, Math.min(1, t));
            double across = 0.72 * (x - a[0] - t * dx); // wider than high
            double up = 1.2 * (z + down - a[2] - t * dz);
            deepest = Math.max(deepest, a[3] + t * (b[3] - a[3]) - length(across, y - a[1] - t * dy, up));
        }
        return deepest;
    }

    private static double length(double x, double y, double z) {
        return Math.sqrt(x * x + y * y + z * z);
    }

    /** Returns the share of a voxel that is inside, for a depth in millimetres: the partial volume effect. */
    private static double inside(double depth) {
        return 1 / (1 + Math.exp(-3.2 * depth));
    }

    private static double mix(double a, double b, double share) {
        return a + share * (b - a);
    }
}
