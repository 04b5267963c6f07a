package org.attunet.spark.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private static final String CASE = "case";
    private static final String LABEL = "label";
    private static final String TOLERANCE = "nsd_tolerance_mm";
    private static final String ERROR = "error";

    private MetricRow() {}

    /** The table's columns; the measures are called as in {@code cases.csv}. */
    static StructType schema() {
        StructType schema = new StructType()
                .add(CASE, DataTypes.StringType, false)
                .add(LABEL, DataTypes.IntegerType, true)
                .add("label_name", DataTypes.StringType, true)
                .add("status", DataTypes.StringType, false);
        for (Metric metric : Metric.values()) {
            schema = schema.add(metric.key(), DataTypes.DoubleType, true);
        }
        schema = schema.add(TOLERANCE, DataTypes.DoubleType, true);
        for (String count : List.of("tp", "fp", "fn")) {
            schema = schema.add(count, DataTypes.LongType, true);
        }
        return schema.add(ERROR, DataTypes.StringType, true);
    }

    /** The rows of a case that was measured; the error says what else is wrong with it, or is null. */
    static List<Row> of(CaseResult result, LabelSet labels, @Nullable String error) {
        List<Row> rows = new ArrayList<>();
        result.labels().forEach((label, metrics) -> {
            List<@Nullable Object> values = new ArrayList<>(
                    List.of(result.name(), label, labels.asMap().get(label), ResultsTable.status(metrics)));
            for (Metric metric : Metric.values()) {
                values.add(metric.of(metrics));
            }
            values.add(metrics.toleranceMm());
            values.add(metrics.truePositives());
            values.add(metrics.falsePositives());
            values.add(metrics.falseNegatives());
            values.add(error);
            rows.add(RowFactory.create(values.toArray()));
        });
        return rows;
    }

    /** The row of a case that could not be measured. */
    static Row failed(String name, String error) {
        StructType schema = schema();
        @Nullable Object[] values = new Object[schema.length()];
        values[schema.fieldIndex(CASE)] = name;
        values[schema.fieldIndex("status")] = "error";
        values[schema.fieldIndex(ERROR)] = error;
        return RowFactory.create(values);
    }

    /** The measures that rows hold, by case in the order of the rows. */
    static List<CaseResult> results(List<Row> rows) {
        Map<String, Map<Integer, LabelMetrics>> cases = new LinkedHashMap<>();
        for (Row row : rows) {
            if (!row.isNullAt(row.fieldIndex(LABEL))) {
                cases.computeIfAbsent(row.getAs(CASE), name -> new LinkedHashMap<>())
                        .put(row.getAs(LABEL), metrics(row));
            }
        }
        List<CaseResult> results = new ArrayList<>();
        cases.forEach((name, labels) -> results.add(new CaseResult(name, labels)));
        return results;
    }

    private static LabelMetrics metrics(Row row) {
        return new LabelMetrics(
                row.getAs("tp"),
                row.getAs("fp"),
                row.getAs("fn"),
                value(row, Metric.DICE),
                value(row, Metric.IOU),
                value(row, Metric.PRECISION),
                value(row, Metric.RECALL),
                value(row, Metric.HD),
                value(row, Metric.HD95),
                value(row, Metric.ASSD),
                value(row, Metric.NSD),
                value(row, Metric.VOLUME_DIFFERENCE),
                row.getAs(TOLERANCE));
    }

    private static @Nullable Double value(Row row, Metric metric) {
        return row.getAs(metric.key());
    }

    /** The errors that rows hold. */
    static List<String> errors(List<Row> rows) {
        return rows.stream()
                .map(row -> row.<@Nullable String>getAs(ERROR))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }
}
