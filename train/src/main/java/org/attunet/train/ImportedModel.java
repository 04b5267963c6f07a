package org.attunet.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.image.Sizes;
import org.attunet.io.Npy;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.Architecture;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.SavedNetwork;
import org.jspecify.annotations.Nullable;

/** A network with weights of another program, on the CPU. Owns its natives until {@link #close}. */
public final class ImportedModel implements AutoCloseable {
    private final Architecture.Recognised found;
    private final Engine engine;

    private ImportedModel(Architecture.Recognised found, Engine engine) {
        this.found = found;
        this.engine = engine;
    }

    /**
     * Reads a file of weights and builds the network that its names and shapes describe.
     *
     * @param key which network of a file that holds several, as {@link SavedNetwork#read} takes it
     * @throws AttunetException if the file is damaged, contains anything but weights, or no network is recognised
     */
    public static ImportedModel read(Path file, @Nullable String key) {
        Architecture.Recognised found = Architecture.read(file, key);
        TorchNetwork network = TorchNetwork.create(found.config(), 0);
        try {
            NetworkWeights.load(network, found.weights(), file.toString());
            return new ImportedModel(found, TorchEngine.owning(network, "cpu"));
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** The network's configuration. */
    public NetworkConfig network() {
        return found.config();
    }

    /** The number of parameters. */
    public long parameters() {
        return found.weights().parameters();
    }

    /** What was read otherwise than the file has it, one sentence each. */
    public List<String> notes() {
        return found.notes();
    }

    /**
     * Runs the network and compares its logits with those that another program computed.
     *
     * @param input (B, channels, [D,] H, W), each spatial size a multiple of {@code network().multiple()}
     * @param logits (B, outputs, [D,] H, W)
     * @return the largest absolute difference; NaN if a number is not finite
     * @throws AttunetException with subject "input" or "logits" if a shape does not fit
     */
    public double largestDifference(Npy input, Npy logits) {
        NetworkConfig network = network();
        int[] shape = input.shape();
        check("input", shape, network.channels());
        int[] expected = shape.clone();
        expected[1] = network.outputs();
        if (!Arrays.equals(logits.shape(), expected)) {
            throw shapeError("logits", logits.shape(), Arrays.toString(expected));
        }
        float[] computed = engine.run(input.values(), shape[0], Sizes.ofShape(shape), false)
                .logits();
        double largest = 0;
        for (int i = 0; i < computed.length; i++) {
            // Math.max keeps NaN, so that a broken network can't pass for an exact one.
            largest = Math.max(largest, Math.abs((double) computed[i] - logits.values()[i]));
        }
        return largest;
    }

    private void check(String name, int[] shape, int channels) {
        boolean fits = shape.length == network().dimension() + 2 && shape[0] > 0 && shape[1] == channels;
        for (int axis = 2; fits && axis < shape.length; axis++) {
            fits = shape[axis] > 0 && shape[axis] % network().multiple() == 0;
        }
        if (!fits) {
            String spatial = network().dimension() == 2 ? "H, W" : "D, H, W";
            throw shapeError(
                    name,
                    shape,
                    "(B, " + channels + ", " + spatial + ") with sizes that are multiples of "
                            + network().multiple());
        }
    }

    private static AttunetException shapeError(String name, int[] shape, String expected) {
        return new AttunetException(
                name,
                "the shape is " + Arrays.toString(shape),
                expected,
                "save input and logits of one call of the network");
    }

    /** Writes the model as a run that predicts. */
    public void save(Run run, ModelDescription description) {
        found.weights().write(run.weights());
        // Last, so that a folder with a model.json is complete.
        description.write(run.model());
    }

    /**
     * Describes a model with the usual values for what a file of weights lacks: labels are numbered, colour pictures scaled from 0..255
     * to 0..1, everything else standardised image by image.
     *
     * @param normalisation null for the usual one
     * @param patch the tiles' size in grid order, null for 256 x 256 or 96 x 96 x 96, rounded up to the network's multiple
     */
    public static ModelDescription describe(
            String name, NetworkConfig network, @Nullable Normalisation normalisation, int @Nullable [] patch) {
        var names = new TreeMap<Integer, String>();
        for (int value = 1; value <= Math.max(1, network.outputs() - 1); value++) {
            names.put(value, network.outputs() <= 2 ? "foreground" : "label " + value);
        }
        Normalisation usual = network.dimension() == 2 && network.channels() == 3
                ? new Normalisation.UnitRange(0, 255)
                : new Normalisation.ZScore();
        int[] tile = new int[network.dimension()];
        Arrays.fill(tile, network.dimension() == 2 ? 256 : 96);
        return ModelDescription.of(
                name,
                network,
                Preprocessing.of(network.channels(), normalisation == null ? usual : normalisation)
                        .withCanonicalOrientation(network.dimension() == 3),
                LabelSet.of(names),
                Sizes.roundUp(patch == null ? tile : patch, network.multiple()));
    }

    @Override
    public void close() {
        engine.close();
    }
}
