package org.attunet.dicom.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A series that a server has (PS3.18, table 10.6.1-3), without anything of the patient.
 *
 * @param modality such as CT; empty if unknown
 * @param number among those of the study; 0 if unknown
 * @param description what its makers called it; empty if it has no name
 * @param instances the number of files; 0 if the server doesn't say
 */
public record FoundSeries(String studyUid, String uid, String modality, int number, String description, int instances) {
    private static final String UID = "[0-9][0-9.]{0,63}";

    /** Reads a series from DICOM's JSON (PS3.18, F); none without identifiers. */
    static Optional<FoundSeries> of(JsonNode json, @Nullable String study) {
        String uid = text(json, "0020000E");
        String own = text(json, "0020000D");
        String studyUid = own.isEmpty() && study != null ? study : own;
        return uid.matches(UID) && studyUid.matches(UID)
                ? Optional.of(new FoundSeries(
                        studyUid,
                        uid,
                        text(json, "00080060"),
                        number(json, "00200011"),
                        text(json, "0008103E"),
                        number(json, "00201209")))
                : Optional.empty();
    }

    static String text(JsonNode json, String tag) {
        return json.path(tag).path("Value").path(0).asText("").strip();
    }

    private static int number(JsonNode json, String tag) {
        return Math.max(0, json.path(tag).path("Value").path(0).asInt(0));
    }
}
