package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.jspecify.annotations.Nullable;

/**
 * A case's row of the table {@code cases.parquet}.
 *
 * @param mask the mask's full address; null if there is none
 * @param done the record beside the mask; null if there is none
 * @param error why there is no mask; null if there is one
 * @param inputSha256 hash of the files' contents; null if they couldn't be read
 */
record CaseRow(
        ScanFiles scan,
        Status status,
        @Nullable String mask,
        @Nullable DoneRecord done,
        @Nullable String error,
        @Nullable String inputSha256)
        implements Serializable {

    /** The outcome of a case. */
    enum Status {
        /** Segmented by this job. */
        DONE,
        /** Segmented before, from the same content with the same models and settings. */
        SKIPPED,
        /** Without a mask; the row's error has the reason. */
        FAILED
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
          optional double novelty;
          optional int32 objects;
          required group warnings (LIST) { repeated group list { required binary element (STRING); } }
          optional double seconds;
          optional binary error (STRING);
          optional binary input_sha256 (STRING);
          required binary recipe_sha256 (STRING);
        }\
        """;

    /** The row of a case with a mask. */
    static CaseRow of(ScanFiles scan, Status status, String mask, DoneRecord done) {
        return new CaseRow(scan, status, mask, done, null, done.inputSha256());
    }

    /** The row of a case without a mask. */
    static CaseRow failed(ScanFiles scan, String error, @Nullable String inputSha256) {
        return new CaseRow(scan, Status.FAILED, null, null, error, inputSha256);
    }

    /** Fills in the table's columns. */
    void fill(Group row, String modelSha256) {
        row.append("case", scan.name()).append("status", status.name().toLowerCase(Locale.ROOT));
        appendAll(row, "files", scan.files());
        appendAll(row, "warnings", done == null ? List.of() : done.warnings());
        Group volumes = row.addGroup("volume_ml");
        if (done != null) {
            for (Map.Entry<String, Double> volume : done.volumesMl().entrySet()) {
                volumes.addGroup("key_value").append("key", volume.getKey()).append("value", volume.getValue());
            }
            append(row, "confidence", done.confidence());
            append(row, "novelty", done.novelty());
            Integer objects = done.objects();
            if (objects != null) {
                row.append("objects", objects);
            }
            row.append("seconds", done.seconds());
        }
        append(row, "mask", mask);
        append(row, "error", error);
        append(row, "input_sha256", inputSha256);
        row.append("recipe_sha256", modelSha256);
    }

    private static void appendAll(Group row, String column, List<String> values) {
        Group list = row.addGroup(column);
        values.forEach(value -> list.addGroup("list").append("element", value));
    }

    private static void append(Group row, String column, @Nullable Double value) {
        if (value != null) {
            row.append(column, value);
        }
    }

    private static void append(Group row, String column, @Nullable String value) {
        if (value != null) {
            row.append(column, value);
        }
    }
}
