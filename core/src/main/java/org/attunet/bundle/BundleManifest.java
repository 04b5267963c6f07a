package org.attunet.bundle;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content of a bundle's {@code rdf.yaml}, whether attunet or another program wrote it.
 *
 * @param own whether attunet wrote it
 * @param model the model
 * @param settings how logits become a mask; the defaults for a foreign bundle
 * @param profile what the model keeps of its training cases; null if it keeps nothing
 * @param card the model card; {@link ModelCard#plain} for a foreign bundle
 * @param about description, licence and version
 * @param files the declared files
 */
record BundleManifest(
        boolean own,
        ModelDescription model,
        InferenceSettings settings,
        @Nullable TrainingProfile profile,
        ModelCard card,
        About about,
        Files files) {
    /**
     * The metadata for people; each is empty if it is not given.
     *
     * @param licence the licence's SPDX identifier
     */
    record About(String description, String licence, String version) {}

    /**
     * The names of the declared files.
     *
     * @param sha256 the declared hash of each file by its name; files without a hash are missing
     * @param onnx the ONNX model in floating point
     * @param portable whether the ONNX models are {@link PortableModel}s, with normalisation and activation
     * @param testInput the test input; null if there is none
     * @param testOutput the test output; null if there is none
     * @param page the model card as Markdown; null if there is none
     */
    record Files(
            Map<String, String> sha256,
            String onnx,
            boolean portable,
            @Nullable String testInput,
            @Nullable String testOutput,
            @Nullable String page) {}
}
