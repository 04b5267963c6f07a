package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.jspecify.annotations.Nullable;

/**
 * A row of a job's table.
 *
 * @param scan what was to be segmented
 * @param status what became of it
 * @param mask the full address of its mask; null where there is none
 * @param volumes by the label's name in millilitres; empty where there is no mask
 * @param confidence of the mask, 0 to 1; null where there is no mask
 * @param seconds from opening the files to the mask's end; of a skipped case, when it was done
 * @param error why there is no mask; null where there is one
 * @param input the SHA-256 of the files' contents; null where they couldn't be read
 * @param recipe the name of models and settings
 */
record CaseRow(
        ScanFiles scan,
        Status status,
        @Nullable String mask,
        Map<String, Double> volumes,
        @Nullable Double confidence,
        @Nullable Double seconds,
        @Nullable String error,
        @Nullable String input,
        String recipe)
        implements Serializable {

    /** What became of a case. */
    enum Status {
        /** It was segmented by this job. */
        DONE,
        /** Its mask was there, of the same content and recipe. */
        SKIPPED,
        /** There is no mask, and the row's error says why. */
        FAILED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The table's columns. */
    static final String SCHEMA = """
        message cases {
          required binary case (STRING);
          required binary status (STRING);
          required group files (LIST) { repeated group list { required binary element (STRING); } }
          optional binary mask (STRING);
          required group volume_ml (MAP) {
            repeated group key_value { required binary key (STRING); required double value; }
          }
          optional double confidence;
          optional double seconds;
          optional binary error (STRING);
          optional binary input_sha256 (STRING);
          required binary recipe_sha256 (STRING);
        }\
        """;

    /** The row of a case that got no mask. */
    static CaseRow failed(ScanFiles scan, String error, @Nullable String input, String recipe) {
        return new CaseRow(scan, Status.FAILED, null, Map.of(), null, null, error, input, recipe);
    }

    /** Fills in the table's columns. */
    void fill(Group row) {
        row.append("case", scan.name()).append("status", status.word());
        Group files = row.addGroup("files");
        scan.files().forEach(file -> files.addGroup("list").append("element", file));
        Group volumesMl = row.addGroup("volume_ml");
        volumes.forEach((label, ml) ->
                volumesMl.addGroup("key_value").append("key", label).append("value", ml));
        fill(row, "mask", mask);
        fill(row, "confidence", confidence);
        fill(row, "seconds", seconds);
        fill(row, "error", error);
        fill(row, "input_sha256", input);
        row.append("recipe_sha256", recipe);
    }

    private static void fill(Group row, String column, @Nullable String value) {
        if (value != null) {
            row.append(column, value);
        }
    }

    private static void fill(Group row, String column, @Nullable Double value) {
        if (value != null) {
            row.append(column, value);
        }
    }
}
