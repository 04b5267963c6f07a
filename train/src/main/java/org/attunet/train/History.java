package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.attunet.report.HistoryPoint;

/** The course of a training; grows as training goes on. One thread only. */
public final class History {
    private final List<HistoryPoint> rows = new ArrayList<>();

    /** An empty history. */
    public History() {}

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    History(List<HistoryPoint> rows) {
        this.rows.addAll(rows);
    }

    /** The rows so far, oldest first. */
    @JsonValue
    public List<HistoryPoint> rows() {
        return Collections.unmodifiableList(rows);
    }

    void add(HistoryPoint row) {
        rows.add(row);
    }

    /** Whether the last row is a validation at this step. */
    boolean endsWithValidationAt(long step) {
        HistoryPoint last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        return last != null && last.step() == step && last.validationDice() != null;
    }

    /** The rows as comma-separated values with a header. */
    public String toCsv() {
        StringBuilder csv = new StringBuilder("step,minutes,loss,validation_dice,learning_rate,waiting\n");
        for (HistoryPoint row : rows) {
            String dice = row.validationDice() == null ? "" : String.format(Locale.ROOT, "%.6f", row.validationDice());
            csv.append(String.format(
                    Locale.ROOT,
                    "%d,%.4f,%.6f,%s,%.8f,%.4f%n",
                    row.step(),
                    row.minutes(),
                    row.loss(),
                    dice,
                    row.learningRate(),
                    row.waiting()));
        }
        return csv.toString();
    }
}
