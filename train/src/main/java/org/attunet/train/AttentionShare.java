package org.attunet.train;

import java.util.List;
import java.util.Locale;

/**
 * How open one gate was inside and outside the target at one validation.
 *
 * @param step at which the validation cases were predicted
 * @param gate the gate's name
 * @param inside mean coefficient over the voxels that belong to any label, 0 (shut) to 1 (open)
 * @param outside mean coefficient over the background's voxels, 0 to 1
 */
public record AttentionShare(long step, String gate, double inside, double outside) {
    /** Rows as comma-separated values with a header. */
    static String toCsv(List<AttentionShare> rows) {
        StringBuilder csv = new StringBuilder("step,gate,inside,outside\n");
        for (AttentionShare row : rows) {
            csv.append(String.format(Locale.ROOT, "%d,%s,%.6f,%.6f%n", row.step, row.gate, row.inside, row.outside));
        }
        return csv.toString();
    }
}
