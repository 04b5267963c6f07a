package org.attunet.spark.segment;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What a job came to.
 *
 * @param done cases that it segmented
 * @param skipped cases that were done before
 * @param failed cases without a mask
 * @param seconds that it took
 * @param caseSeconds what the done cases took together, each on its task
 * @param table the address of the table
 * @param masks the address of the masks' folder
 * @param errors of the first few failed cases
 */
public record SegmentSummary(
        long done,
        long skipped,
        long failed,
        double seconds,
        double caseSeconds,
        String table,
        String masks,
        List<String> errors) {
    private static final int ERRORS = 10;

    static SegmentSummary of(Dataset<Row> table, OutputFolder folder, double seconds) {
        Map<String, Long> counts = new HashMap<>();
        Map<String, Double> spent = new HashMap<>();
        for (Row row : table.groupBy("status")
                .agg(functions.count("case"), functions.sum("seconds"))
                .collectAsList()) {
            counts.put(row.getString(0), row.getLong(1));
            spent.put(row.getString(0), row.isNullAt(2) ? 0 : row.getDouble(2));
        }
        List<String> errors =
                table.filter(table.col("error").isNotNull()).orderBy("case").select("error").takeAsList(ERRORS).stream()
                        .map(row -> row.getString(0))
                        .toList();
        return new SegmentSummary(
                counts.getOrDefault(CaseRow.Status.DONE.word(), 0L),
                counts.getOrDefault(CaseRow.Status.SKIPPED.word(), 0L),
                counts.getOrDefault(CaseRow.Status.FAILED.word(), 0L),
                seconds,
                spent.getOrDefault(CaseRow.Status.DONE.word(), 0.0),
                folder.table(),
                folder.masks(),
                errors);
    }

    /** All cases. */
    public long cases() {
        return done + skipped + failed;
    }
}
