package org.attunet.bundle;

import java.time.Instant;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.Npy;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@link BundleWriter} writes into a bundle.
 *
 * @param model the model; its network is a {@link NetworkConfig}
 * @param weights the model's weights in each format
 * @param test an input and its probabilities; each size is a multiple of the network's
 * @param settings how logits become a mask
 * @param profile what the model keeps of its training cases; null for nothing
 * @param card the facts that users should know about the model
 * @param publication description, authors, licence and version
 */
public record BundleContent(
        ModelDescription model,
        Weights weights,
        TestCase test,
        InferenceSettings settings,
        @Nullable TrainingProfile profile,
        ModelCard card,
        Publication publication) {

    /**
     * Checks the components.
     *
     * @param model the model; its network is a {@link NetworkConfig}
     * @param weights the model's weights in each format
     * @param test an input and its probabilities; each size is a multiple of the network's
     * @param settings how logits become a mask
     * @param profile what the model keeps of its training cases; null for nothing
     * @param card the facts that users should know about the model
     * @param publication description, authors, licence and version
     */
    public BundleContent {
        if (!model.labels().values().containsAll(settings.keepLargest().labels())) {
            throw new ConfigException("keep largest", settings.keepLargest().labels(), "labels of " + model.labels());
        }
        NetworkConfig network = model.network();
        checkTest(network, test);
        Tiling tiling = settings.tiling();
        if (tiling.mode() == Tiling.Mode.EXACT && tiling.halo().length != network.dimension()) {
            throw new ConfigException("halo", tiling, network.dimension() + " sizes");
        }
    }

    /**
     * The files of a model's weights; the arrays are not copied.
     *
     * @param onnx the network as ONNX in 32-bit floating point: normalised intensities in, logits out, and an output
     *     {@code attention_GATE} for each gate
     * @param int8 the quantised network; null for none
     * @param stateDict the weights as a PyTorch state_dict; null for none
     */
    public record Weights(byte[] onnx, @Nullable Quantised int8, byte @Nullable [] stateDict) {}

    /**
     * A quantised network.
     *
     * @param onnx as {@link Weights#onnx}
     * @param testOutput its probabilities for the test input; null if unknown
     */
    public record Quantised(byte[] onnx, @Nullable Npy testOutput) {}

    /**
     * {@return the content for a network as ONNX: default settings and metadata, created now}
     *
     * @param model the description of the model
     * @param onnx the model in ONNX
     * @param test the test input and output
     */
    public static BundleContent of(ModelDescription model, byte[] onnx, TestCase test) {
        String description = Publication.defaultDescription(model.labels());
        return new BundleContent(
                model,
                new Weights(onnx, null, null),
                test,
                InferenceSettings.DEFAULT,
                null,
                ModelCard.plain(),
                new Publication(description, List.of(), null, "1.0.0", Instant.now(), null));
    }

    /**
     * {@return the ONNX file as other programs run it: from intensities, preprocessed as {@code rdf.yaml} says, to
     * probabilities}
     *
     * @param precision of the weights and the arithmetic
     * @throws AttunetException if {@link #weights} hold no network, or none of this precision
     */
    public byte[] file(Precision precision) {
        Quantised int8 = weights.int8();
        if (precision == Precision.INT8 && int8 == null) {
            throw new ConfigException("precision", precision, "a model that the bundle holds");
        }
        byte[] network = precision == Precision.INT8 && int8 != null ? int8.onnx() : weights.onnx();
        return PortableModel.of(network, model, settings.temperature());
    }

    /**
     * {@return the test input preprocessed as {@code rdf.yaml} says, for which {@link #file} gives the test output (1,
     * channels, [z,] y, x)}
     */
    public float[] fileInput() {
        return fileInput(model, test);
    }

    static float[] fileInput(ModelDescription model, TestCase test) {
        return NormalisationNodes.suit(model) ? test.input().values() : test.networkInput(model);
    }

    /**
     * {@return a copy with other weights and their test case}
     *
     * @param other the other weights
     * @param otherTest their test input and output
     */
    public BundleContent withWeights(Weights other, TestCase otherTest) {
        return new BundleContent(model, other, otherTest, settings, profile, card, publication);
    }

    /**
     * {@return a copy under another licence}
     *
     * @param licence an SPDX identifier
     */
    public BundleContent withLicence(String licence) {
        Publication old = publication;
        return new BundleContent(
                model,
                weights,
                test,
                settings,
                profile,
                card,
                new Publication(old.description(), old.authors(), licence, old.version(), old.created(), old.cover()));
    }

    /**
     * {@return a copy with another description of the model, whose network must be the same}
     *
     * @param other replaces the own
     */
    public BundleContent withModel(ModelDescription other) {
        return new BundleContent(other, weights, test, settings, profile, card, publication);
    }

    /**
     * {@return a copy with another model card}
     *
     * @param other replaces the own
     */
    public BundleContent withCard(ModelCard other) {
        return new BundleContent(model, weights, test, settings, profile, other, publication);
    }

    /**
     * {@return a copy with other settings}
     *
     * @param other replaces the own
     */
    public BundleContent withSettings(InferenceSettings other) {
        return new BundleContent(model, weights, test, other, profile, card, publication);
    }

    /**
     * {@return a copy with another profile of the training cases}
     *
     * @param other replaces the own
     */
    public BundleContent withProfile(@Nullable TrainingProfile other) {
        return new BundleContent(model, weights, test, settings, other, card, publication);
    }

    private static void checkTest(NetworkConfig network, TestCase test) {
        int[] size = test.size();
        if (size.length != network.dimension()) {
            throw new ConfigException("test case", size.length + " dimensions", network.dimension() + " dimensions");
        }
        for (int n : size) {
            if (n % network.multiple() != 0) {
                throw new ConfigException("test case's size", n, "a multiple of " + network.multiple());
            }
        }
        int channels = test.input().shape()[1];
        int outputs = test.output().shape()[1];
        if (channels != network.channels() || outputs != network.outputs()) {
            throw new ConfigException(
                    "test case",
                    channels + " channels and " + outputs + " outputs",
                    "the network's " + network.channels() + " and " + network.outputs());
        }
    }
}
