package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.attunet.spark.segment.CaseRow.Status;

/**
 * The outcome of a segmentation job.
 *
 * @param done cases segmented by this job
 * @param skipped cases that were done before
 * @param failed cases without a mask
 * @param seconds the job's duration
 * @param caseSeconds sum of the done cases' own times
 * @param table the table's address
 * @param masks the masks' folder
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
    private static final int MAX_ERRORS = 10;

    static SegmentSummary of(Iterator<CaseRow> rows, JobOutput folder, double seconds) {
        Map<Status, Long> counts = new EnumMap<>(Status.class);
        double caseSeconds = 0;
        List<String> errors = new ArrayList<>();
        while (rows.hasNext()) {
            CaseRow row = rows.next();
            counts.merge(row.status(), 1L, Long::sum);
            caseSeconds += row.status() == Status.DONE && row.done() != null
                    ? row.done().seconds()
                    : 0;
            if (row.error() != null && errors.size() < MAX_ERRORS) {
                errors.add(row.error());
            }
        }
        return new SegmentSummary(
                counts.getOrDefault(Status.DONE, 0L),
                counts.getOrDefault(Status.SKIPPED, 0L),
                counts.getOrDefault(Status.FAILED, 0L),
                seconds,
                caseSeconds,
                folder.table(),
                folder.masks(),
                errors);
    }

    /** Returns the number of all cases. */
    public long cases() {
        return done + skipped + failed;
    }
}
