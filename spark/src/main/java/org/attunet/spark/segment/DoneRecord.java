package org.attunet.spark.segment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.io.Json;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file that states what a mask was computed from, so that no case is segmented twice. It is written after the mask; a
 * mask without it doesn't count as done.
 *
 * @param inputSha256 hash of the scan's files
 * @param modelSha256 hash of models and settings, {@link ModelSpec#sha256}
 * @param job the id of the job that wrote the mask
 * @param maskBytes the mask's size
 * @param volumesMl volumes in millilitres by label; empty for pictures and other images without a volume
 * @param confidence 0 to 1; null if the mask is empty
 * @param novelty how unlike the training cases the scan is, above 1 if unlike all; null if that isn't known
 * @param objects how many objects were found; null if they weren't looked for
 * @param warnings what the user should know before using the mask, a sentence each
 * @param seconds from opening the scan's files to the finished mask
 */
record DoneRecord(
        @JsonProperty("input_sha256") String inputSha256,
        @JsonProperty("recipe_sha256") String modelSha256,
        @JsonProperty("job") String job,
        @JsonProperty("mask_bytes") long maskBytes,
        @JsonProperty("volume_ml") Map<String, Double> volumesMl,
        @JsonProperty("confidence") @Nullable Double confidence,
        @JsonProperty("novelty") @Nullable Double novelty,
        @JsonProperty("objects") @Nullable Integer objects,
        @JsonProperty("warnings") List<String> warnings,
        @JsonProperty("seconds") double seconds)
        implements Serializable {
    private static final int MAX_BYTES = 1 << 20;

    /** Checks that nothing is missing. */
    DoneRecord {
        Objects.requireNonNull(inputSha256);
        Objects.requireNonNull(modelSha256);
        Objects.requireNonNull(job);
        warnings = List.copyOf(warnings);
        volumesMl.values().forEach(Objects::requireNonNull);
    }

    /** Reads a record; returns null if there is none or it is damaged, in which case the scan is segmented again. */
    static @Nullable DoneRecord read(Storage storage, String uri) {
        byte[] content = storage.read(uri, MAX_BYTES);
        try {
            return content == null ? null : Json.OWN.readValue(content, DoneRecord.class);
        } catch (IOException e) {
            return null;
        }
    }

    void write(Storage storage, String uri) {
        storage.write(uri, Json.pretty(this).getBytes(StandardCharsets.UTF_8));
    }
}
