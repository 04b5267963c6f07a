package org.attunet.patches;

import java.util.Map;
import java.util.SplittableRandom;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/** Prepared cases made of formulas. */
final class SyntheticCases {
    static final LabelSet TWO = LabelSet.of(Map.of(1, "blob", 2, "point"));

    private SyntheticCases() {}

    /** Noise with a blob of class 1 at a third of each axis and {@code points} voxels of class 2. */
    static PreparedCase noise(String id, Grid grid, int channels, int points, long seed) {
        var random = new SplittableRandom(seed);
        float[][] values = new float[channels][grid.voxels()];
        for (float[] channel : values) {
            for (int i = 0; i < channel.length; i++) {
                channel[i] = (float) random.nextGaussian();
            }
        }
        short[] mask = new short[grid.voxels()];
        for (int i = 0; i < mask.length; i++) {
            double distance = 0;
            int rest = i;
            for (int axis = 0; axis < grid.dimension(); axis++) {
                double d = (rest % grid.size(axis)) / (double) grid.size(axis) - 0.33;
                distance += d * d;
                rest /= grid.size(axis);
            }
            mask[i] = (short) (distance < 0.04 ? 1 : 0);
        }
        for (int k = 0; k < points; k++) {
            mask[random.nextInt(mask.length)] = 2;
        }
        return PreparedCase.of(id, new Image(grid, values), new LabelMap(grid, mask), TWO);
    }

    /** A case whose only channel is a smooth blob, at 0.5 on the border of the mask's single label. */
    static PreparedCase blob(String id, Grid grid) {
        float[] values = new float[grid.voxels()];
        short[] mask = new short[grid.voxels()];
        for (int i = 0; i < mask.length; i++) {
            double r = 0;
            int rest = i;
            for (int axis = 0; axis < grid.dimension(); axis++) {
                double n = grid.size(axis);
                double d = ((rest % grid.size(axis)) - n * (0.45 - 0.03 * axis)) / (n * (0.35 - 0.07 * axis));
                r += d * d;
                rest /= grid.size(axis);
            }
            values[i] = (float) (1 / (1 + Math.exp(20 * (Math.sqrt(r) - 1))));
            mask[i] = (short) (values[i] >= 0.5f ? 1 : 0);
        }
        return PreparedCase.of(id, Image.of(grid, values), new LabelMap(grid, mask), LabelSet.of(Map.of(1, "blob")));
    }
}
