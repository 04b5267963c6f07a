package org.attunet.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.io.Json;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.preprocess.Preprocessing;

/**
 * A trained model without its weights, as in {@code model.json}.
 *
 * <p>Immutable.
 *
 * @param version the version of the file's format, {@link #VERSION}
 * @param name the model's name, such as the data set's
 * @param shape the network's inputs and outputs; a {@link NetworkConfig} for a network of attunet
 * @param preprocessing how images are prepared for the network
 * @param labels the classes: one label with one output (sigmoid), one output for each class and the background, or one
 *     (sigmoid) for each of labels that may overlap
 * @param patch the size of the training patches in grid order (x, y[, z])
 * @param mirroredAxes the number of axes, x first, along which patches were mirrored in training and may be mirrored in
 *     test-time augmentation
 * @param codes the labels' codes for DICOM by the labels' names, such as {@code {"liver": {"scheme": "SCT", "value":
 *     "10200004", "meaning": "Liver"}}}; an empty object if none are known
 */
public record ModelDescription(
        int version,
        String name,
        NetworkShape shape,
        Preprocessing preprocessing,
        LabelSet labels,
        int[] patch,
        int mirroredAxes,
        ObjectNode codes) {
    /** The version of the format. */
    public static final int VERSION = 1;

    /**
     * Checks the components and copies them.
     *
     * @param version the version of the file's format, {@link #VERSION}
     * @param name the model's name, such as the data set's
     * @param shape the network's inputs and outputs; a {@link NetworkConfig} for a network of attunet
     * @param preprocessing how images are prepared for the network
     * @param labels the classes: one label with one output (sigmoid), one output for each class and the background, or one
     *     (sigmoid) for each of labels that may overlap
     * @param patch the size of the training patches in grid order (x, y[, z])
     * @param mirroredAxes the number of axes, x first, along which patches were mirrored in training and may be mirrored in
     *     test-time augmentation
     * @param codes the labels' codes for DICOM by the labels' names, such as {@code {"liver": {"scheme": "SCT", "value":
     *     "10200004", "meaning": "Liver"}}}; an empty object if none are known
     */
    public ModelDescription {
        patch = patch.clone();
        codes = codes.deepCopy();
        if (version != VERSION) {
            throw new ConfigException("version", version, "version " + VERSION);
        }
        if (name.isBlank()) {
            throw new ConfigException("name", "blank", "a name");
        }
        boolean sigmoid = shape.outputs() == 1 && labels.size() == 1;
        if (labels.hasRegions() && shape.outputs() != labels.size()) {
            throw new ConfigException(
                    "outputs", shape.outputs(), labels.size() + " outputs for as many labels that may overlap");
        }
        if (!labels.hasRegions() && !sigmoid && shape.outputs() != labels.classes()) {
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

    /**
     * {@return a description in the current version with the default mirrored axes}
     *
     * @param name the name
     * @param network the network
     * @param preprocessing how images are prepared
     * @param labels the labels
     * @param patch the size of a training patch, x first
     */
    public static ModelDescription of(
            String name, NetworkShape network, Preprocessing preprocessing, LabelSet labels, int... patch) {
        return new ModelDescription(
                VERSION,
                name,
                network,
                preprocessing,
                labels,
                patch,
                defaultMirroredAxes(network, preprocessing),
                Json.object());
    }

    /**
     * All axes; only left-right if images are brought to one anatomical orientation, because the other mirror images show
     * no possible anatomy.
     */
    static int defaultMirroredAxes(NetworkShape network, Preprocessing preprocessing) {
        return preprocessing.canonicalOrientation() ? 1 : network.dimension();
    }

    /** {@return whether each output is a probability of its own, through a sigmoid; else they add up to 1} */
    public boolean hasIndependentOutputs() {
        return shape.outputs() == 1 || labels.hasRegions();
    }

    /**
     * {@return the names of the network's outputs: of the label alone, of the background and each label, or of each region}
     */
    public List<String> outputNames() {
        return IntStream.range(0, shape.outputs())
                .mapToObj(k -> labels.nameOf(hasIndependentOutputs() ? k + 1 : k))
                .toList();
    }

    /**
     * {@return the network's configuration}
     *
     * @throws AttunetException if the network is a foreign one, of which only the {@link #shape} is known
     */
    public NetworkConfig network() {
        if (shape instanceof NetworkConfig config) {
            return config;
        }
        throw new AttunetException(
                name,
                "a network whose layers are not known",
                "a network that attunet has built",
                "use a model that was trained or imported with attunet");
    }

    /**
     * {@return a copy with another name}
     *
     * @param other replaces the own
     */
    public ModelDescription withName(String other) {
        return new ModelDescription(version, other, shape, preprocessing, labels, patch, mirroredAxes, codes);
    }

    /**
     * {@return a copy with another network}
     *
     * @param other replaces the own
     */
    public ModelDescription withNetwork(NetworkShape other) {
        return new ModelDescription(version, name, other, preprocessing, labels, patch, mirroredAxes, codes);
    }

    /**
     * {@return a copy with another preprocessing}
     *
     * @param other replaces the own
     */
    public ModelDescription withPreprocessing(Preprocessing other) {
        return new ModelDescription(version, name, shape, other, labels, patch, mirroredAxes, codes);
    }

    /**
     * {@return a copy with another patch (x, y[, z])}
     *
     * @param other replaces the own
     */
    public ModelDescription withPatch(int... other) {
        return new ModelDescription(version, name, shape, preprocessing, labels, other, mirroredAxes, codes);
    }

    /**
     * {@return a copy with other mirrored axes}
     *
     * @param other replaces the own
     */
    public ModelDescription withMirroredAxes(int other) {
        return new ModelDescription(version, name, shape, preprocessing, labels, patch, other, codes);
    }

    /**
     * {@return a copy with other codes of labels}
     *
     * @param other replaces the own
     */
    public ModelDescription withCodes(ObjectNode other) {
        return new ModelDescription(version, name, shape, preprocessing, labels, patch, mirroredAxes, other);
    }

    /** {@return a copy of the labels' codes} */
    @Override
    public ObjectNode codes() {
        return codes.deepCopy();
    }

    /** {@return a copy of the patch's size (x, y[, z])} */
    @Override
    public int[] patch() {
        return patch.clone();
    }

    /**
     * Reads a description. Fields that are unknown, missing, null or duplicate are refused; only {@code mirroredAxes}
     * and {@code codes} may be missing and then have their defaults.
     *
     * @param json the file
     * @return the description in the file
     * @throws AttunetException if the file can't be read or is not a description
     */
    public static ModelDescription read(Path json) {
        return ModelJson.read(json);
    }

    /** {@return the JSON tree that {@link #write} writes} */
    public ObjectNode toTree() {
        return ModelJson.tree(this);
    }

    /**
     * {@return the description in a JSON tree, checked as in {@link #read}}
     *
     * @param file the file of the tree, for messages
     * @param tree of the description
     */
    public static ModelDescription ofTree(Path file, JsonNode tree) {
        return ModelJson.of(file, tree);
    }

    /**
     * Writes the description as JSON, atomically.
     *
     * @param json the file to write
     */
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
                && mirroredAxes == m.mirroredAxes
                && codes.equals(m.codes);
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
