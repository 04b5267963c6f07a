package org.attunet.bundle;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle's {@code rdf.yaml} says, ours or foreign.
 *
 * @param own whether attunet wrote it
 * @param description what the model does
 * @param licence the licence's identifier; empty where it isn't told
 * @param version the model's version; empty where it isn't told
 * @param model what the model is
 * @param temperature what logits are divided by
 * @param keepLargest which predictions are cut down to their largest component
 * @param tiling how large images are cut
 * @param card what users should know; plain for a foreign bundle
 * @param hashes the SHA-256 of each declared file by its name; empty where the bundle tells none
 * @param onnx the name of the model's file
 * @param testInput the name of the test input; null where there is none
 * @param testOutput the name of the test output; null where there is none
 * @param page the name of the page for people; null where there is none
 */
record Described(
        boolean own,
        String description,
        String licence,
        String version,
        ModelDescription model,
        double temperature,
        KeepLargest keepLargest,
        TilingFacts tiling,
        ModelCard card,
        Map<String, String> hashes,
        String onnx,
        @Nullable String testInput,
        @Nullable String testOutput,
        @Nullable String page) {}
