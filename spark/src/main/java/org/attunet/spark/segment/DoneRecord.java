package org.attunet.spark.segment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.attunet.io.Json;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * What stands beside a mask to say what it was made of, so that no case is done twice: written after the mask, and only
 * where it stands does a mask count as done.
 *
 * @param input SHA-256 of the scan's files
 * @param recipe SHA-256 of models and settings
 * @param job that made the mask
 * @param bytes of the mask
 * @param volumes by label in millilitres
 * @param confidence 0 to 1
 * @param seconds that it took
 */
record DoneRecord(
        @JsonProperty("input_sha256") String input,
        @JsonProperty("recipe_sha256") String recipe,
        @JsonProperty("job") String job,
        @JsonProperty("mask_bytes") long bytes,
        @JsonProperty("volume_ml") Map<String, Double> volumes,
        @JsonProperty("confidence") double confidence,
        @JsonProperty("seconds") double seconds) {
    private static final int MOST_BYTES = 1 << 20;

    /** Checks that nothing is missing. */
    DoneRecord {
        Objects.requireNonNull(input);
        Objects.requireNonNull(recipe);
        Objects.requireNonNull(job);
        volumes.values().forEach(Objects::requireNonNull);
    }

    /** The record at an address; null where there is none, or what is there is none of ours. */
    static @Nullable DoneRecord read(Storage storage, String uri) {
        byte[] content = storage.read(uri, MOST_BYTES);
        if (content == null) {
            return null;
        }
        try {
            return Json.OWN.readValue(content, DoneRecord.class);
        } catch (IOException e) {
            return null; // the case is done again, and the record with it
        }
    }

    void write(Storage storage, String uri) {
        storage.write(uri, Json.pretty(this).getBytes(StandardCharsets.UTF_8));
    }
}
