package org.attunet.predict;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.preprocess.Prepared;

/**
 * The traits of an image as the network gets it: what the normalisation removes can't matter to the network. They are
 * measured at the same random voxels for each image of a size, at most {@value #MOST_VOXELS}.
 *
 * <p>The texture along an axis is the mean difference of neighbours over the standard deviation, and over the mean
 * difference of voxels two apart: 1 for noise, about 1/2 for smooth images. All but the intensities are logarithms.
 */
final class ImageTraits {
    private static final int MOST_VOXELS = 1 << 15;
    private static final double[] PERCENTILES = {1, 10, 50, 90, 99};
    private static final double TINY = 1e-6;
    private static final String[] AXES = {"x", "y", "z"};

    private final Grid grid;
    private final int[] voxels;
    private final Map<String, Double> traits = new TreeMap<>();

    private ImageTraits(Grid grid) {
        this.grid = grid;
        int all = grid.voxels();
        if (all <= MOST_VOXELS) {
            voxels = new int[all];
            Arrays.setAll(voxels, i -> i);
        } else {
            var random = new SplittableRandom(1);
            voxels = random.ints(MOST_VOXELS, 0, all).toArray();
        }
    }

    /** The traits of a prepared image by their names. */
    static Map<String, Double> of(Prepared prepared) {
        Image image = prepared.image();
        Grid grid = image.grid();
        var traits = new ImageTraits(grid);
        Grid measured = prepared.oriented();
        for (int axis = 0; axis < grid.dimension(); axis++) {
            double length = grid.size(axis) * grid.spacing(axis);
            boolean physical = measured.hasPhysicalSize();
            traits.put(TraitKind.SIZE, AXES[axis] + (physical ? "" : " in pixels"), Math.log(length));
            if (physical) {
                traits.put(TraitKind.SPACING, AXES[axis], Math.log(measured.spacing(axis)));
            }
        }
        float[][] channels = image.channels();
        for (int c = 0; c < channels.length; c++) {
            traits.channel(Integer.toString(c), channels[c]);
            if (c > 0) {
                traits.put(TraitKind.COLOUR, Integer.toString(c), traits.difference(channels[c - 1], channels[c]));
            }
        }
        return traits.traits;
    }

    private void put(TraitKind kind, String name, double value) {
        if (Double.isFinite(value)) { // differences of extreme values may overflow
            traits.put(kind.named(name), value);
        }
    }

    private void channel(String name, float[] values) {
        float[] sorted = new float[voxels.length];
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < voxels.length; i++) {
            float v = values[voxels[i]];
            sorted[i] = v;
            sum += v;
            squares += (double) v * v;
        }
        Arrays.sort(sorted);
        for (double percent : PERCENTILES) {
            float value = sorted[(int) (percent / 100 * (sorted.length - 1))];
            put(TraitKind.INTENSITY, name + " p" + (int) percent, value);
        }
        double mean = sum / voxels.length;
        double deviation = Math.sqrt(Math.max(0, squares / voxels.length - mean * mean)) + TINY;
        int step = 1;
        for (int axis = 0; axis < grid.dimension(); axis++) {
            texture(name + " " + AXES[axis], values, deviation, axis, step);
            step *= grid.size(axis);
        }
    }

    private void texture(String name, float[] values, double deviation, int axis, int step) {
        double near = 0;
        double far = 0;
        int count = 0;
        for (int i : voxels) {
            if (i / step % grid.size(axis) + 2 < grid.size(axis)) {
                near += Math.abs(values[i] - values[i + step]);
                far += Math.abs(values[i] - values[i + 2 * step]);
                count++;
            }
        }
        if (count > 0) {
            put(TraitKind.TEXTURE, name + " rough", Math.log(near / count / deviation + TINY));
            put(TraitKind.TEXTURE, name + " grain", Math.log((near / count + TINY) / (far / count + TINY)));
        }
    }

    private double difference(float[] a, float[] b) {
        double sum = 0;
        for (int i : voxels) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / voxels.length;
    }
}
