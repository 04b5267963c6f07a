package org.attunet.bundle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a bundle is written from.
 *
 * @param model what the model is; a network of ours
 * @param onnx the model in 32-bit floating point
 * @param opset the version of ONNX's operators that it uses, 7 or more
 * @param int8 the quantised model; null for none
 * @param weights the weights in PyTorch's format; null for none
 * @param test an input and its probabilities; each size a multiple of the network's
 * @param gates the model's further outputs after the logits, in its order
 * @param tiling how large images are cut
 * @param temperature what logits are divided by before they become probabilities; 1 for no calibration
 * @param card what users should know
 * @param description what the model does, in at most 1024 characters
 * @param authors who made it
 * @param licence the SPDX identifier of its licence; null where it isn't told
 * @param cover a picture as PNG; null for none
 * @param version the model's own version, such as {@code 1.0.0}
 * @param created when it was made
 */
public record BundleContent(
        ModelDescription model,
        Payload onnx,
        int opset,
        @Nullable Payload int8,
        @Nullable Payload weights,
        TestCase test,
        List<GateOutput> gates,
        TilingFacts tiling,
        double temperature,
        ModelCard card,
        String description,
        List<Author> authors,
        @Nullable String licence,
        @Nullable Payload cover,
        String version,
        Instant created) {
    /** The longest description that the zoo takes. */
    private static final int LONGEST_DESCRIPTION = 1024;

    /** Checks the ranges and that the test case suits the network. */
    public BundleContent {
        gates = List.copyOf(gates);
        authors = List.copyOf(authors);
        created = created.truncatedTo(ChronoUnit.SECONDS);
        if (opset < 7) {
            throw new ConfigException("opset", opset, "7 or more");
        }
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new ConfigException("temperature", temperature, "a number above 0");
        }
        if (description.length() > LONGEST_DESCRIPTION) {
            throw new ConfigException(
                    "description", description.length() + " characters", "at most " + LONGEST_DESCRIPTION);
        }
        if (!version.matches("\\d+\\.\\d+\\.\\d+([-+][0-9A-Za-z.-]+)*")) {
            throw new ConfigException("version", version, "a semantic version such as 1.0.0");
        }
        if (licence != null && !Licences.known(licence)) {
            throw new ConfigException("licence", licence, "an SPDX identifier such as Apache-2.0 or CC-BY-4.0");
        }
        checkTest(model.network(), test);
        if (tiling.mode() == TilingFacts.Mode.EXACT
                && tiling.halo().length != model.network().dimension()) {
            throw new ConfigException("halo", tiling, model.network().dimension() + " sizes");
        }
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

    /** A bundle of the model alone: blended tiles, no calibration, a card that says nothing of it, made now. */
    public static BundleContent of(ModelDescription model, Payload onnx, TestCase test) {
        return new BundleContent(
                model,
                onnx,
                17,
                null,
                null,
                test,
                List.of(),
                TilingFacts.gaussian(),
                1,
                ModelCard.plain(),
                "Segmentation of " + String.join(", ", model.labels().names()) + " by an Attention U-Net.",
                List.of(),
                null,
                null,
                "1.0.0",
                Instant.now());
    }

    /** A copy with another version of operators. */
    public BundleContent withOpset(int other) {
        return new BundleContent(
                model,
                onnx,
                other,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with a quantised model, or none. */
    public BundleContent withInt8(@Nullable Payload other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                other,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with weights in PyTorch's format, or none. */
    public BundleContent withWeights(@Nullable Payload other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                other,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with further outputs. */
    public BundleContent withGates(List<GateOutput> other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                other,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with another way of cutting large images. */
    public BundleContent withTiling(TilingFacts other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                other,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with another temperature. */
    public BundleContent withTemperature(double other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                other,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with another card. */
    public BundleContent withCard(ModelCard other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                other,
                description,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with another description. */
    public BundleContent withDescription(String other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                other,
                authors,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with other authors. */
    public BundleContent withAuthors(List<Author> other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                other,
                licence,
                cover,
                version,
                created);
    }

    /** A copy with another licence, or none. */
    public BundleContent withLicence(@Nullable String other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                other,
                cover,
                version,
                created);
    }

    /** A copy with a cover picture (PNG), or none. */
    public BundleContent withCover(@Nullable Payload other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                other,
                version,
                created);
    }

    /** A copy with another version of the model. */
    public BundleContent withVersion(String other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                other,
                created);
    }

    /** A copy with another time of making. */
    public BundleContent withCreated(Instant other) {
        return new BundleContent(
                model,
                onnx,
                opset,
                int8,
                weights,
                test,
                gates,
                tiling,
                temperature,
                card,
                description,
                authors,
                licence,
                cover,
                version,
                other);
    }
}
