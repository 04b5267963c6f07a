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
 * A bundle's test input and expected output, with which any program can check that it runs the model correctly.
 *
 * <p>As the zoo requires, the input is before normalisation and the output after sigmoid or softmax. A rerun is {@link
 * #networkInput}, the network, {@link Probabilities} and {@link #compare}.
 *
 * @param input intensities before normalisation on the network's grid, (1, channels, [z,] y, x)
 * @param output probabilities, (1, outputs, [z,] y, x)
 */
public record TestCase(Npy input, Npy output) {
    /**
     * Checks the components and copies them.
     *
     * @param input intensities before normalisation on the network's grid, (1, channels, [z,] y, x)
     * @param output probabilities, (1, outputs, [z,] y, x)
     */
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
     * {@return a test case with expected probabilities from the network's output}
     *
     * @param model whose preprocessing the input gets
     * @param input intensities before normalisation (channels, [z,] y, x)
     * @param logits the network's output for {@link #networkInput} (outputs, [z,] y, x)
     * @param size the block's size in grid order (x, y[, z])
     * @param temperature the divisor of the logits
     */
    public static TestCase of(ModelDescription model, float[] input, float[] logits, int[] size, double temperature) {
        NetworkShape network = model.shape();
        return new TestCase(
                new Npy(shape(network.channels(), size), input.clone()),
                new Npy(
                        shape(network.outputs(), size),
                        Probabilities.of(logits.clone(), network, model.hasIndependentOutputs(), temperature)));
    }

    /** {@return the block's size in grid order (x, y[, z])} */
    public int[] size() {
        return Sizes.ofShape(input.shape());
    }

    /**
     * The normalised input of the network, (channels, [z,] y, x).
     *
     * @param model the description of the model
     * @return (channels, [z,] y, x), normalised
     */
    public float[] networkInput(ModelDescription model) {
        return networkInput(model, input.values(), size());
    }

    /**
     * Normalises intensities for the network.
     *
     * @param model the description of the model
     * @param input intensities before normalisation (channels, [z,] y, x); not modified
     * @param size the block's size in grid order (x, y[, z])
     * @return (channels, [z,] y, x), normalised
     */
    public static float[] networkInput(ModelDescription model, float[] input, int[] size) {
        int channels = model.shape().channels();
        int voxels = input.length / channels;
        float[][] planes = new float[channels][];
        for (int c = 0; c < channels; c++) {
            planes[c] = Arrays.copyOfRange(input, c * voxels, (c + 1) * voxels);
        }
        Image image = model.preprocessing().normalisation().apply(new Image(Grid.ofPixels(size), planes));
        float[] normalised = new float[input.length];
        for (int c = 0; c < channels; c++) {
            System.arraycopy(image.channel(c), 0, normalised, c * voxels, voxels);
        }
        return normalised;
    }

    /**
     * Returns the largest difference between probabilities and the expected ones.
     *
     * @param probabilities those that were computed
     * @return 0 if they are equal
     * @throws AttunetException if the number of values differs or one is NaN
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
}
