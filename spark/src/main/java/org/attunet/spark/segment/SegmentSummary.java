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
 * @param warned cases, done now or before, whose masks have warnings
 * @param warnings of the first few of them, with the case's name
 */
public record SegmentSummary(
        long done,
        long skipped,
        long failed,
        double seconds,
        double caseSeconds,
        String table,
        String masks,
        List<String> errors,
        long warned,
        List<String> warnings) {
    private static final int MOST_SHOWN = 10;

    static SegmentSummary of(Iterator<CaseRow> rows, JobOutput folder, double seconds) {
        Map<Status, Long> counts = new EnumMap<>(Status.class);
        double caseSeconds = 0;
        List<String> errors = new ArrayList<>();
        long warned = 0;
        List<String> warnings = new ArrayList<>();
        while (rows.hasNext()) {
            CaseRow row = rows.next();
            counts.merge(row.status(), 1L, Long::sum);
            caseSeconds += row.status() == Status.DONE && row.done() != null
                    ? row.done().seconds()
                    : 0;
            if (row.error() != null && errors.size() < MOST_SHOWN) {
                errors.add(row.error());
            }
            List<String> own = row.done() == null ? List.of() : row.done().warnings();
            warned += own.isEmpty() ? 0 : 1;
            own.stream()
                    .limit(MOST_SHOWN - warnings.size())
                    .forEach(warning -> warnings.add(row.scan().name() + ": " + warning));
        }
        return new SegmentSummary(
                counts.getOrDefault(Status.DONE, 0L),
                counts.getOrDefault(Status.SKIPPED, 0L),
                counts.getOrDefault(Status.FAILED, 0L),
                seconds,
                caseSeconds,
                folder.table(),
                folder.masks(),
                errors,
                warned,
                warnings);
    }

    /** Returns the number of all cases. */
    public long cases() {
        return done + skipped + failed;
    }
}
