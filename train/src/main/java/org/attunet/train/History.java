package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The course of a training, one row now and then; grows as training goes. One thread only. */
public final class History {
    private final List<Row> rows = new ArrayList<>();

    /**
     * @param step steps done
     * @param minutes spent in training and validation
     * @param loss mean training loss since the row before
     * @param validationDice mean Dice of the validation cases, 0 to 1; null where they were not predicted at this step
     * @param learningRate at this step
     * @param waiting the share of the time, 0 to 1, that the loop has waited for batches
     */
    public record Row(
            long step,
            double minutes,
            double loss,
            @Nullable Double validationDice,
            double learningRate,
            double waiting) {}

    /** An empty history. */
    public History() {}

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    History(List<Row> rows) {
        this.rows.addAll(rows);
    }

    /** The rows so far, oldest first. */
    @JsonValue
    public List<Row> rows() {
        return Collections.unmodifiableList(rows);
    }

    void add(Row row) {
        rows.add(row);
    }

    /** As comma-separated values with a header. */
    public String toCsv() {
        StringBuilder csv = new StringBuilder("step,minutes,loss,validation_dice,learning_rate,waiting\n");
        for (Row row : rows) {
            String dice = row.validationDice == null ? "" : String.format(Locale.ROOT, "%.6f", row.validationDice);
            csv.append(String.format(
                    Locale.ROOT,
                    "%d,%.4f,%.6f,%s,%.8f,%.4f%n",
                    row.step,
                    row.minutes,
                    row.loss,
                    dice,
                    row.learningRate,
                    row.waiting));
        }
        return csv.toString();
    }
}
