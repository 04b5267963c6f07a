package org.attunet.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.preprocess.Preprocessing;

/**
 * Everything about a trained model but its weights, as {@code model.json} holds it.
 *
 * <p>Immutable.
 *
 * @param version the version of the file's format, {@link #VERSION}
 * @param name what the model is called, such as the data set's name
 * @param shape the network as it looks from outside, or one of ours with all its layers
 * @param preprocessing how images come to the network
 * @param labels what the classes are; one label and one output stand for a sigmoid, else there is one output for each
 *     class, the background counted
 * @param patch the size of the blocks that the network was trained on, in grid order (x, y[, z])
 * @param mirroredAxes how many axes, x first, blocks were mirrored along in training: those along which the network may be
 *     asked about mirror images
 */
public record ModelDescription(
        int version,
        String name,
        NetworkShape shape,
        Preprocessing preprocessing,
        LabelSet labels,
        int[] patch,
        int mirroredAxes) {
    /** The version of the format that this code writes and reads. */
    public static final int VERSION = 1;

    /** Checks that the parts belong together. */
    public ModelDescription {
        patch = patch.clone();
        if (version != VERSION) {
            throw new ConfigException("version", version, "version " + VERSION);
        }
        if (name.isBlank()) {
            throw new ConfigException("name", "blank", "a name");
        }
        boolean sigmoid = shape.outputs() == 1 && labels.size() == 1;
        if (!sigmoid && shape.outputs() != labels.classes()) {
            throw new ConfigException(
                    "outputs",
                    shape.outputs(),
                    labels.classes() + " outputs for " + labels.size() + " labels and the background"
                            + (labels.size() == 1 ? ", or 1 for the label alone" : ""));
        }
        if (preprocessing.channels() != shape.channels()) {
            throw new ConfigException(
                    "preprocessing.channels", preprocessing.channels(), "the network's " + shape.channels());
        }
        checkPatch(shape, patch);
        if (mirroredAxes < 0 || mirroredAxes > shape.dimension()) {
            throw new ConfigException("mirroredAxes", mirroredAxes, "a number from 0 to " + shape.dimension());
        }
    }

    private static void checkPatch(NetworkShape network, int[] patch) {
        if (patch.length != network.dimension()) {
            throw new ConfigException("patch", Arrays.toString(patch), network.dimension() + " sizes");
        }
        double values = Math.max(network.channels(), network.outputs());
        for (int size : patch) {
            if (size < 1 || size > 65536) {
                throw new ConfigException("patch", Arrays.toString(patch), "sizes from 1 to 65536");
            }
            values *= size + network.multiple();
        }
        if (values > Integer.MAX_VALUE - 8) {
            throw new ConfigException("patch", Arrays.toString(patch), "a patch whose values fit into one array");
        }
    }

    /** A description in the present version, of a network that has seen the usual mirror images. */
    public static ModelDescription of(
            String name, NetworkShape network, Preprocessing preprocessing, LabelSet labels, int... patch) {
        return new ModelDescription(
                VERSION, name, network, preprocessing, labels, patch, usualMirroredAxes(network, preprocessing));
    }

    /**
     * All axes, or where images are brought to one anatomical orientation left-right alone, since a network that has learnt
     * where the front is would be asked about what isn't.
     */
    static int usualMirroredAxes(NetworkShape network, Preprocessing preprocessing) {
        return preprocessing.canonicalOrientation() ? 1 : network.dimension();
    }

    /**
     * The network with all its layers.
     *
     * @throws AttunetException where the network isn't one of ours, so that only its {@link #shape} is known
     */
    public NetworkConfig network() {
        if (shape instanceof NetworkConfig ours) {
            return ours;
        }
        throw new AttunetException(
                name,
                "a network whose layers are not known",
                "a network that attunet has built",
                "use a model that was trained or imported with attunet");
    }

    /** A copy under another name. */
    public ModelDescription withName(String other) {
        return new ModelDescription(version, other, shape, preprocessing, labels, patch, mirroredAxes);
    }

    /** A copy with another network. */
    public ModelDescription withNetwork(NetworkShape other) {
        return new ModelDescription(version, name, other, preprocessing, labels, patch, mirroredAxes);
    }

    /** A copy with another preprocessing. */
    public ModelDescription withPreprocessing(Preprocessing other) {
        return new ModelDescription(version, name, shape, other, labels, patch, mirroredAxes);
    }

    /** A copy with another patch (x, y[, z]). */
    public ModelDescription withPatch(int... other) {
        return new ModelDescription(version, name, shape, preprocessing, labels, other, mirroredAxes);
    }

    /** A copy of a network that has seen other mirror images. */
    public ModelDescription withMirroredAxes(int other) {
        return new ModelDescription(version, name, shape, preprocessing, labels, patch, other);
    }

    /** A copy of the patch's sizes (x, y[, z]). */
    @Override
    public int[] patch() {
        return patch.clone();
    }

    /**
     * Reads a description, strictly: a field that is unknown, missing, null or given twice is refused. Only mirroredAxes may
     * be missing and is then what is usual.
     *
     * @throws AttunetException naming the file, what was found, what was expected and the remedy
     */
    public static ModelDescription read(Path json) {
        return ModelJson.read(json);
    }

    /** The tree that {@link #write} writes. */
    public ObjectNode toTree() {
        return ModelJson.tree(this);
    }

    /**
     * The description from such a tree, as strictly as {@link #read}.
     *
     * @param file what failures call the place where the tree stands
     */
    public static ModelDescription ofTree(Path file, JsonNode tree) {
        return ModelJson.of(file, tree);
    }

    /** Writes the description as JSON, whole or not at all. */
    public void write(Path json) {
        ModelJson.write(this, json);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelDescription m
                && version == m.version
                && name.equals(m.name)
                && shape.equals(m.shape)
                && preprocessing.equals(m.preprocessing)
                && labels.equals(m.labels)
                && Arrays.equals(patch, m.patch)
                && mirroredAxes == m.mirroredAxes;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new Object[] {version, name, shape, labels}) * 31 + Arrays.hashCode(patch);
    }

    @Override
    public String toString() {
        return name + ": " + shape + ", " + preprocessing + ", labels " + labels + ", patch " + Arrays.toString(patch);
    }
}
