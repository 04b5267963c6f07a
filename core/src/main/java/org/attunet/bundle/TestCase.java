package org.attunet.bundle;

import java.util.Arrays;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.Sizes;
import org.attunet.io.Npy;
import org.attunet.network.NetworkShape;

/**
 * An input and what the whole model makes of it, by which any program can check that it runs the model right.
 *
 * <p>As the zoo has it, the input comes before normalisation and the output after sigmoid or softmax: a rerun is {@link
 * #networkInput}, the network, {@link #probabilities}, {@link #compare}.
 *
 * @param input intensities before normalisation on the network's grid, (1, channels, [z,] y, x)
 * @param output probabilities, (1, outputs, [z,] y, x)
 */
public record TestCase(Npy input, Npy output) {
    /** Checks that both are one block of 2 or 3 dimensions and the same size. */
    public TestCase {
        int[] in = input.shape();
        int[] out = output.shape();
        boolean same = in.length == out.length
                && in.length >= 4
                && in.length <= 5
                && Arrays.equals(Arrays.copyOfRange(in, 2, in.length), Arrays.copyOfRange(out, 2, out.length));
        if (!same || in[0] != 1 || out[0] != 1 || input.values().length == 0) {
            throw new AttunetException(
                    "test tensors",
                    "an input of " + Arrays.toString(in) + " and an output of " + Arrays.toString(out),
                    "(1, channels, [z,] y, x) and (1, outputs, [z,] y, x) of one size",
                    "make the bundle again");
        }
    }

    /**
     * The test case of a model whose network has been run on {@link #networkInput}.
     *
     * @param input intensities before normalisation (channels, [z,] y, x)
     * @param logits what the network gave for the normalised input (outputs, [z,] y, x)
     * @param size the block's sizes in grid order (x, y[, z])
     * @param temperature what logits are divided by
     */
    public static TestCase of(ModelDescription model, float[] input, float[] logits, int[] size, double temperature) {
        NetworkShape network = model.shape();
        return new TestCase(
                new Npy(shape(network.channels(), size), input.clone()),
                new Npy(shape(network.outputs(), size), probabilities(logits, network, temperature)));
    }

    /** The block's sizes in grid order (x, y[, z]). */
    public int[] size() {
        return Sizes.ofShape(input.shape());
    }

    /** The input as the network takes it: normalised, (channels, [z,] y, x). */
    public float[] networkInput(ModelDescription model) {
        return networkInput(model, input.values(), size());
    }

    /**
     * Intensities as the network takes them.
     *
     * @param input intensities before normalisation (channels, [z,] y, x), left unchanged
     * @param size the block's sizes in grid order (x, y[, z])
     */
    public static float[] networkInput(ModelDescription model, float[] input, int[] size) {
        int channels = model.shape().channels();
        int voxels = input.length / channels;
        float[][] planes = new float[channels][];
        for (int c = 0; c < channels; c++) {
            planes[c] = Arrays.copyOfRange(input, c * voxels, (c + 1) * voxels);
        }
        Image image = model.preprocessing()
                .normalisation()
                .apply(new Image(Grid.of(size), planes))
                .image();
        float[] normalised = new float[input.length];
        for (int c = 0; c < channels; c++) {
            System.arraycopy(image.channel(c), 0, normalised, c * voxels, voxels);
        }
        return normalised;
    }

    /** Probabilities (outputs, [z,] y, x) from what the network gave, of the same shape, which is left unchanged. */
    public static float[] probabilities(float[] outputs, NetworkShape network, double temperature) {
        float[] probabilities = outputs.clone();
        if (!network.probabilities()) {
            activate(probabilities, network.outputs(), temperature);
        }
        return probabilities;
    }

    /**
     * The largest difference between these probabilities and the expected ones.
     *
     * @throws AttunetException where the number of values differs or one is no number
     */
    public double compare(float[] probabilities) {
        float[] expected = output.values();
        if (probabilities.length != expected.length) {
            throw new AttunetException(
                    "test tensors",
                    probabilities.length + " values",
                    expected.length + " values",
                    "use the model of this bundle");
        }
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) probabilities[i] - expected[i]);
            if (Double.isNaN(difference)) {
                String found = String.format(Locale.ROOT, "value %d is %s", i, probabilities[i]);
                throw new AttunetException("test tensors", found, "a number", "restore the bundle's files");
            }
            largest = Math.max(largest, difference);
        }
        return largest;
    }

    private static int[] shape(int channels, int[] size) {
        return Arrays.stream(Sizes.shape(size, 1, channels))
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** Sigmoid for one output, softmax over the outputs for more, of the logits divided by the temperature. */
    private static void activate(float[] logits, int outputs, double temperature) {
        int voxels = logits.length / outputs;
        for (int i = 0; i < voxels; i++) {
            if (outputs == 1) {
                logits[i] = (float) (1 / (1 + Math.exp(-logits[i] / temperature)));
                continue;
            }
            double greatest = Double.NEGATIVE_INFINITY;
            for (int k = i; k < logits.length; k += voxels) {
                greatest = Math.max(greatest, logits[k]);
            }
            double sum = 0;
            for (int k = i; k < logits.length; k += voxels) {
                double e = Math.exp((logits[k] - greatest) / temperature);
                sum += e;
                logits[k] = (float) e;
            }
            for (int k = i; k < logits.length; k += voxels) {
                logits[k] = (float) (logits[k] / sum);
            }
        }
    }
}
