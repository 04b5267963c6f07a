package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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

    /** The summary of a job's rows. */
    static SegmentSummary of(Iterable<CaseRow> rows, OutputFolder folder, double seconds) {
        Map<CaseRow.Status, Long> counts = new EnumMap<>(CaseRow.Status.class);
        double caseSeconds = 0;
        List<String> errors = new ArrayList<>();
        for (CaseRow row : rows) {
            counts.merge(row.status(), 1L, Long::sum);
            if (row.status() == CaseRow.Status.DONE && row.seconds() != null) {
                caseSeconds += row.seconds();
            }
            if (row.error() != null && errors.size() < ERRORS) {
                errors.add(row.error());
            }
        }
        return new SegmentSummary(
                counts.getOrDefault(CaseRow.Status.DONE, 0L),
                counts.getOrDefault(CaseRow.Status.SKIPPED, 0L),
                counts.getOrDefault(CaseRow.Status.FAILED, 0L),
                seconds,
                caseSeconds,
                folder.table(),
                folder.masks(),
                errors);
    }

    /** All cases. */
    public long cases() {
        return done + skipped + failed;
    }
}
