package org.attunet.report;

import org.jspecify.annotations.Nullable;

/**
 * A headline number of a report.
 *
 * @param name such as "parameters"
 * @param value as shown, such as "1.9 M"
 * @param note a short remark below it, such as "95% CI 0.86 to 0.90"
 */
public record Fact(String name, String value, @Nullable String note) {
    /** Creates a fact without a note. */
    public static Fact of(String name, String value) {
        return new Fact(name, value, null);
    }
}
