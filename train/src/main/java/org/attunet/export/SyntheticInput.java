package org.attunet.export;

import java.util.Arrays;
import java.util.Random;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TestCase;
import org.attunet.predict.Engine;
import org.attunet.preprocess.Normalisation;

/**
 * A drawn image for the test case of a bundle that shall not hold a part of a patient's: soft ellipsoids on a noisy ground.
 * Of some images the one is chosen in which the model finds most labels, and then the most voxels both of labels and of
 * background: an output of nothing but background would hide faults.
 */
final class SyntheticInput {
    private static final int IMAGES = 48;
    private static final double ENOUGH = 0.05; // share of voxels, when all labels are found

    private final ModelDescription model;
    private final int[] size;
    private final int voxels;
    private final double low;
    private final double high;

    private SyntheticInput(ModelDescription model, int[] size) {
        this.model = model;
        this.size = size;
        voxels = Arrays.stream(size).reduce(1, Math::multiplyExact);
        double least = 0;
        double most = model.shape().channels() == 3 ? 255 : 1000;
        Normalisation normalisation = model.preprocessing().normalisation();
        if (normalisation instanceof Normalisation.Window window) {
            least = window.low();
            most = window.high();
        } else if (normalisation instanceof Normalisation.ClipStandardise clip) {
            least = clip.low();
            most = clip.high();
        } else if (normalisation instanceof Normalisation.UnitRange range) {
            least = range.low();
            most = range.high();
        } else if (normalisation instanceof Normalisation.Identity) {
            most = 1;
        }
        low = least;
        high = most;
    }

    /**
     * Returns intensities before normalisation (channels, [z,] y, x).
     *
     * @param size the image's size in grid order (x, y[, z])
     */
    static float[] of(ModelDescription model, Engine engine, int[] size) {
        var images = new SyntheticInput(model, size);
        float[] best = new float[0];
        double most = -1;
        double enough = model.labels().size() + ENOUGH;
        for (int k = 0; k < IMAGES && most < enough; k++) {
            float[] image = images.image(new Random(k));
            float[] logits = engine.run(TestCase.networkInput(model, image, size), 1, size, false)
                    .logits();
            double worth = worth(logits, images.voxels, model.shape().outputs());
            if (worth > most) {
                most = worth;
                best = image;
            }
        }
        return best;
    }

    /** The number of labels found, plus the share of voxels that have one, or of those that have none if that is smaller. */
    static double worth(float[] logits, int voxels, int outputs) {
        int[] counts = new int[Math.max(2, outputs)];
        for (int i = 0; i < voxels; i++) {
            int best = outputs == 1 && logits[i] > 0 ? 1 : 0;
            for (int k = 1; k < outputs; k++) {
                best = logits[i + k * voxels] > logits[i + best * voxels] ? k : best;
            }
            counts[best]++;
        }
        long found = Arrays.stream(counts).skip(1).filter(count -> count > 0).count();
        double labelled = 1 - (double) counts[0] / voxels;
        return found + Math.min(labelled, 1 - labelled);
    }

    private float[] image(Random random) {
        int channels = model.shape().channels();
        boolean dark = random.nextBoolean();
        double noise = 0.02 + 0.1 * random.nextDouble();
        double softness = 0.03 + 0.2 * random.nextDouble();
        double[][] shapes = new double[1 + random.nextInt(12)][];
        for (int k = 0; k < shapes.length; k++) {
            shapes[k] = random.doubles(6 + channels).toArray();
        }
        float[] values = new float[channels * voxels];
        for (int i = 0; i < voxels; i++) {
            double[] at = position(i);
            double[] ground = new double[channels];
            Arrays.fill(ground, dark ? 0.15 : 0.8);
            for (double[] shape : shapes) {
                double share = share(shape, at, softness);
                for (int c = 0; c < channels; c++) {
                    double tint = dark ? 0.45 + 0.5 * shape[6 + c] : 0.1 + 0.5 * shape[6 + c];
                    ground[c] += (tint - ground[c]) * share;
                }
            }
            for (int c = 0; c < channels; c++) {
                double value = Math.max(0, Math.min(1, ground[c] + noise * random.nextGaussian()));
                values[c * voxels + i] = (float) (low + (high - low) * value);
            }
        }
        return values;
    }

    /** The position of a voxel in shares of the image's sides. */
    private double[] position(int index) {
        double[] at = new double[3];
        int rest = index;
        for (int axis = 0; axis < size.length; axis++) {
            at[axis] = (rest % size[axis] + 0.5) / size[axis];
            rest /= size[axis];
        }
        return at;
    }

    /** How much a voxel belongs to an ellipsoid, 0 to 1. */
    private double share(double[] shape, double[] at, double softness) {
        double squares = 0;
        for (int axis = 0; axis < size.length; axis++) {
            double distance = (at[axis] - shape[axis]) / (0.06 + 0.24 * shape[3 + axis]);
            squares += distance * distance;
        }
        return 1 / (1 + Math.exp((Math.sqrt(squares) - 1) / softness));
    }
}
