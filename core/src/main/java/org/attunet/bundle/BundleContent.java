package org.attunet.bundle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkConfig;
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
 * @param keepLargest which predictions are cut down to their largest component
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
        KeepLargest keepLargest,
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
        if (!model.labels().values().containsAll(keepLargest.labels())) {
            throw new ConfigException("keep largest", keepLargest.labels(), "labels of " + model.labels());
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
                KeepLargest.NONE,
                ModelCard.plain(),
                "Segmentation of " + String.join(", ", model.labels().names()) + " by an Attention U-Net.",
                List.of(),
                null,
                null,
                "1.0.0",
                Instant.now());
    }

    /** A copy with changes: {@code content.with(c -> c.version = "1.1.0")}. */
    public BundleContent with(Consumer<Draft> changes) {
        var draft = new Draft(this);
        changes.accept(draft);
        return draft.content();
    }

    /** The parts of a bundle while they are changed; what each means stands at the record. */
    public static final class Draft {
        public ModelDescription model;
        public Payload onnx;
        public int opset;
        public @Nullable Payload int8;
        public @Nullable Payload weights;
        public TestCase test;
        public List<GateOutput> gates;
        public TilingFacts tiling;
        public double temperature;
        public KeepLargest keepLargest;
        public ModelCard card;
        public String description;
        public List<Author> authors;
        public @Nullable String licence;
        public @Nullable Payload cover;
        public String version;
        public Instant created;

        private Draft(BundleContent from) {
            model = from.model;
            onnx = from.onnx;
            opset = from.opset;
            int8 = from.int8;
            weights = from.weights;
            test = from.test;
            gates = from.gates;
            tiling = from.tiling;
            temperature = from.temperature;
            keepLargest = from.keepLargest;
            card = from.card;
            description = from.description;
            authors = from.authors;
            licence = from.licence;
            cover = from.cover;
            version = from.version;
            created = from.created;
        }

        private BundleContent content() {
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
                    keepLargest,
                    card,
                    description,
                    authors,
                    licence,
                    cover,
                    version,
                    created);
        }
    }
}
