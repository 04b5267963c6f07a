package org.attunet.spark.evaluate;

import java.io.Serializable;
import java.util.List;
import org.apache.parquet.example.data.Group;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.spark.job.ParquetTable;
import org.jspecify.annotations.Nullable;

/**
 * The measures of one case.
 *
 * @param result null if the case couldn't be measured
 * @param error what is wrong with the case or its prediction; null if nothing is
 * @param notes sentences about masks that are joined or not read as they are stored
 */
record MeasuredCase(
        String name, @Nullable CaseResult result, @Nullable String error, List<String> notes) implements Serializable {
    MeasuredCase {
        notes = List.copyOf(notes);
    }

    static MeasuredCase failed(String name, @Nullable String error) {
        return new MeasuredCase(name, null, error, List.of());
    }

    /** Returns the table's columns; measures are named as in {@code cases.csv}. */
    static String schema() {
        var schema = new StringBuilder("message metrics { required binary case (STRING); optional int32 label;"
                + " optional binary label_name (STRING); required binary status (STRING); ");
        for (Metric metric : Metric.values()) {
            schema.append("optional double ").append(metric.key()).append("; ");
        }
        return schema.append(
                        "optional double nsd_tolerance_mm; optional double nsd_tolerance_px; optional int64 tp; optional int64 fp;"
                                + " optional int64 fn; optional double confidence; optional double novelty;"
                                + " optional binary error (STRING); required group notes (LIST) {"
                                + " repeated group list { required binary element (STRING); } } }")
                .toString();
    }

    /** Adds a row for each label, or a single row with the error. */
    void addTo(ParquetTable table, LabelSet labels) {
        if (result == null) {
            table.add(row -> {
                row.append("case", name).append("status", "error");
                addRemarks(row);
            });
            return;
        }
        result.labels()
                .forEach((label, metrics) -> table.add(row -> {
                    row.append("case", name).append("label", label);
                    row.append("label_name", String.valueOf(labels.asMap().get(label)));
                    row.append("status", metrics.status());
                    add(row, metrics);
                    add(row, "confidence", result.confidence());
                    add(row, "novelty", result.novelty());
                    addRemarks(row);
                }));
    }

    private static void add(Group row, LabelMetrics metrics) {
        for (Metric metric : Metric.values()) {
            add(row, metric.key(), metrics.value(metric));
        }
        row.append(metrics.physical() ? "nsd_tolerance_mm" : "nsd_tolerance_px", metrics.tolerance());
        row.append("tp", metrics.truePositives());
        row.append("fp", metrics.falsePositives());
        row.append("fn", metrics.falseNegatives());
    }

    private static void add(Group row, String column, @Nullable Double value) {
        if (value != null) {
            row.append(column, value);
        }
    }

    private void addRemarks(Group row) {
        Group list = row.addGroup("notes");
        notes.forEach(note -> list.addGroup("list").append("element", note));
        if (error != null) {
            row.append("error", error);
        }
    }
}
