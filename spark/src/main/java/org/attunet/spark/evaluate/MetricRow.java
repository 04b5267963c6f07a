package org.attunet.spark.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ResultsTable;
import org.jspecify.annotations.Nullable;

/** The rows of an evaluation's table: one for each case and label, and one with an error for what could not be measured. */
final class MetricRow {
    private static final int CASE = 0;
    private static final int LABEL = 1;
    private static final int FIRST_METRIC = 4;
    private static final int TOLERANCE = FIRST_METRIC + Metric.values().length;
    private static final int ERROR = TOLERANCE + 4;

    private MetricRow() {}

    /** The table's columns; the measures are called as in {@code cases.csv}. */
    static StructType schema() {
        StructType schema = new StructType()
                .add("case", DataTypes.StringType, false)
                .add("label", DataTypes.IntegerType, true)
                .add("label_name", DataTypes.StringType, true)
                .add("status", DataTypes.StringType, false);
        for (Metric metric : Metric.values()) {
            schema = schema.add(metric.key(), DataTypes.DoubleType, true);
        }
        schema = schema.add("nsd_tolerance_mm", DataTypes.DoubleType, true);
        for (String count : List.of("tp", "fp", "fn")) {
            schema = schema.add(count, DataTypes.LongType, true);
        }
        return schema.add("error", DataTypes.StringType, true);
    }

    /** The rows of a case that was measured; the error says what else is wrong with it, or is null. */
    static List<Row> of(CaseResult result, LabelSet labels, @Nullable String error) {
        List<Row> rows = new ArrayList<>();
        result.labels().forEach((label, metrics) -> {
            Object[] values = new Object[ERROR + 1];
            values[CASE] = result.name();
            values[LABEL] = label;
            values[2] = labels.asMap().get(label);
            values[3] = ResultsTable.status(metrics);
            for (Metric metric : Metric.values()) {
                values[FIRST_METRIC + metric.ordinal()] = metric.of(metrics);
            }
            values[TOLERANCE] = metrics.toleranceMm();
            values[TOLERANCE + 1] = metrics.truePositives();
            values[TOLERANCE + 2] = metrics.falsePositives();
            values[TOLERANCE + 3] = metrics.falseNegatives();
            values[ERROR] = error;
            rows.add(RowFactory.create(values));
        });
        return rows;
    }

    /** The row of a case that could not be measured. */
    static Row failed(String name, String error) {
        Object[] values = new Object[ERROR + 1];
        values[CASE] = name;
        values[3] = "error";
        values[ERROR] = error;
        return RowFactory.create(values);
    }

    /** The measures that rows hold, by case in the order of the rows. */
    static List<CaseResult> results(List<Row> rows) {
        Map<String, Map<Integer, LabelMetrics>> cases = new LinkedHashMap<>();
        for (Row row : rows) {
            if (!row.isNullAt(LABEL)) {
                cases.computeIfAbsent(row.getString(CASE), name -> new LinkedHashMap<>())
                        .put(row.getInt(LABEL), metrics(row));
            }
        }
        List<CaseResult> results = new ArrayList<>();
        cases.forEach((name, labels) -> results.add(new CaseResult(name, labels)));
        return results;
    }

    private static LabelMetrics metrics(Row row) {
        return new LabelMetrics(
                row.getLong(TOLERANCE + 1),
                row.getLong(TOLERANCE + 2),
                row.getLong(TOLERANCE + 3),
                value(row, Metric.DICE),
                value(row, Metric.IOU),
                value(row, Metric.PRECISION),
                value(row, Metric.RECALL),
                value(row, Metric.HD),
                value(row, Metric.HD95),
                value(row, Metric.ASSD),
                value(row, Metric.NSD),
                value(row, Metric.VOLUME_DIFFERENCE),
                row.getDouble(TOLERANCE));
    }

    private static @Nullable Double value(Row row, Metric metric) {
        int column = FIRST_METRIC + metric.ordinal();
        return row.isNullAt(column) ? null : (Double) row.getDouble(column);
    }

    /** The errors that rows hold. */
    static List<String> errors(List<Row> rows) {
        return rows.stream()
                .filter(row -> !row.isNullAt(ERROR))
                .map(row -> row.getString(ERROR))
                .distinct()
                .toList();
    }
}
