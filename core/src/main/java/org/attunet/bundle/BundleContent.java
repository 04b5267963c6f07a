package org.attunet.bundle;

import java.time.Instant;
import java.util.List;
import org.attunet.error.ConfigException;
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
     * @param onnx the ONNX model in 32-bit floating point
     * @param opset the version of the ONNX operator set, 7 or more
     * @param int8 the quantised ONNX model; null for none
     * @param stateDict the weights as a PyTorch state_dict; null for none
     * @param gates the ONNX models' outputs after the logits, in the models' order
     */
    public record Weights(
            byte[] onnx, int opset, byte @Nullable [] int8, byte @Nullable [] stateDict, List<GateOutput> gates) {
        public Weights {
            gates = List.copyOf(gates);
            if (opset < 7) {
                throw new ConfigException("opset", opset, "7 or more");
            }
        }
    }

    /**
     * An output of the ONNX model after the logits: the maps of one attention gate.
     *
     * @param name the output's name in the model, such as {@code attention_Att5}
     * @param maps the number of maps, 1 or more
     * @param stride the input voxels that a map's voxel spans along each axis, a power of 2
     */
    public record GateOutput(String name, int maps, int stride) {
        public GateOutput {
            if (name.isBlank()) {
                throw new ConfigException("gate", "blank", "the output's name");
            }
            if (maps < 1 || maps > 64) {
                throw new ConfigException("maps", maps, "a number from 1 to 64");
            }
            if (stride < 1 || stride > 65536 || Integer.bitCount(stride) != 1) {
                throw new ConfigException("stride", stride, "a power of 2");
            }
        }
    }

    /** The content for an ONNX model (opset 17) without gate outputs: default settings and metadata, created now. */
    public static BundleContent of(ModelDescription model, byte[] onnx, TestCase test) {
        String description = Publication.defaultDescription(model.labels());
        return new BundleContent(
                model,
                new Weights(onnx, 17, null, null, List.of()),
                test,
                InferenceSettings.DEFAULT,
                null,
                ModelCard.plain(),
                new Publication(description, List.of(), null, "1.0.0", Instant.now(), null));
    }

    /** A copy with another description of the model, whose network must be the same. */
    public BundleContent withModel(ModelDescription other) {
        return new BundleContent(other, weights, test, settings, profile, card, publication);
    }

    /** A copy with another model card. */
    public BundleContent withCard(ModelCard other) {
        return new BundleContent(model, weights, test, settings, profile, other, publication);
    }

    /** A copy with other settings. */
    public BundleContent withSettings(InferenceSettings other) {
        return new BundleContent(model, weights, test, other, profile, card, publication);
    }

    /** A copy with another profile of the training cases. */
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
