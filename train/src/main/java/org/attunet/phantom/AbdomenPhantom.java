package org.attunet.phantom;

import java.util.Random;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Synthetic axial CT slices through the upper abdomen with a small, bent, low-contrast pancreas among bowel loops and a
 * duodenum of the same intensity and texture.
 *
 * <p>Each seed is another patient: body, organs and pancreas vary in position, size and shape. Values are Hounsfield
 * units with the partial volume effect, mild shading, and noise correlated between neighbours as in reconstructed CT.
 * The same seed and size give the same slice on every platform. Not for any clinical purpose.
 *
 * <p>Methods may be called from any thread.
 */
public final class AbdomenPhantom {
    /** The width and height of a slice in millimetres. */
    public static final double FIELD = 360;

    private static final int SMALLEST = 64;
    private static final int LARGEST = 1024;

    private AbdomenPhantom() {}

    /**
     * A slice and its ground truth.
     *
     * @param image one channel of whole Hounsfield units, -1024 to 3071, in radiological orientation (the patient's
     *     right is on the left of the picture, the front on top)
     * @param pancreas 1 in the pancreas, 0 elsewhere
     * @param organs the {@link Tissue#label} of the tissue that covers most of each pixel
     */
    public record Phantom(Image image, LabelMap pancreas, LabelMap organs) {}

    /**
     * Returns the slice of a seed.
     *
     * @param size pixels along each side, 64 to 1024; 128 to 256 give pixels of 2.8 to 1.4 mm
     */
    public static Phantom of(long seed, int size) {
        if (size < SMALLEST || size > LARGEST) {
            throw new ConfigException("size", size, "a whole number from " + SMALLEST + " to " + LARGEST);
        }
        Random random = new Random(mix(seed));
        Canvas canvas = new Canvas(size, FIELD);
        new Painter(canvas, new Anatomy(random), random).paint();
        float[] values = canvas.pixels();
        short[] organs = canvas.labels();
        shade(values, size, random);
        addNoise(values, size, 10 + 5 * random.nextDouble(), random);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(Math.max(-1024, Math.min(3071, values[i])));
        }
        short[] pancreas = new short[organs.length];
        for (int i = 0; i < organs.length; i++) {
            pancreas[i] = (short) (organs[i] == Tissue.PANCREAS.label() ? 1 : 0);
        }
        Grid grid = grid(size);
        return new Phantom(Image.of(grid, values), new LabelMap(grid, pancreas), new LabelMap(grid, organs));
    }

    private static Grid grid(int size) {
        double s = FIELD / size;
        double corner = FIELD / 2 - s / 2;
        return Grid.ofAffine(
                new int[] {size, size}, new double[][] {{-s, 0, 0, corner}, {0, -s, 0, corner}, {0, 0, 1, 0}});
    }

    /** The finaliser of SplitMix64, so that neighbouring seeds don't give similar first draws. */
    private static long mix(long seed) {
        long z = seed + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Adds a linear and quadratic drift of a few HU inside the body, like the residue of beam hardening. */
    private static void shade(float[] values, int size, Random random) {
        double gx = 5 * random.nextGaussian();
        double gy = 5 * random.nextGaussian();
        double cup = 6 * random.nextDouble();
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double u = 2.0 * x / size - 1;
                double v = 2.0 * y / size - 1;
                double inside = Math.min(1, Math.max(0, (values[y * size + x] + 500) / 300));
                values[y * size + x] += (float) (inside * (gx * u + gy * v + cup * (u * u + v * v)));
            }
        }
    }

    private static void addNoise(float[] values, int size, double deviation, Random random) {
        float[] white = new float[size * size];
        for (int i = 0; i < white.length; i++) {
            white[i] = (float) random.nextGaussian();
        }
        // 1-2-1 scales white noise by sqrt(6)/4 along each axis
        double gain = 6.0 / 16;
        float[] noise = smooth(white, size);
        float[] blurred = smooth(values.clone(), size);
        for (int i = 0; i < values.length; i++) {
            double sharp = 0.7 * values[i] + 0.3 * blurred[i]; // the scanner's point spread
            values[i] = (float) (sharp + deviation / gain * noise[i]);
        }
    }

    /** A 1-2-1 filter along both axes; pixels beyond the border repeat the border. */
    private static float[] smooth(float[] in, int size) {
        return smooth(smooth(in, size, 1), size, size);
    }

    private static float[] smooth(float[] in, int size, int stride) {
        float[] out = new float[in.length];
        for (int i = 0; i < in.length; i++) {
            int k = i / stride % size;
            float before = in[k == 0 ? i : i - stride];
            float after = in[k == size - 1 ? i : i + stride];
            out[i] = (before + 2 * in[i] + after) / 4;
        }
        return out;
    }
}
