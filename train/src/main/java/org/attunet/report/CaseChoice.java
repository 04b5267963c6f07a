package org.attunet.report;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the best, the median and the worst case by mean Dice. Of an even number the median is the better one of the middle
 * two; ties are broken by name. Cases without a defined Dice are never chosen.
 */
public final class CaseChoice {
    private CaseChoice() {}

    /**
     * Returns case names by role ("best", "median", "worst"), in this order; fewer than three cases have fewer roles, so no
     * case appears twice.
     */
    public static Map<String, String> of(List<CaseResult> results) {
        List<CaseResult> ranked = results.stream()
                .filter(result -> meanDice(result) != null)
                .sorted(Comparator.comparingDouble((CaseResult result) -> -Objects.requireNonNull(meanDice(result)))
                        .thenComparing(CaseResult::name))
                .toList();
        var chosen = new LinkedHashMap<String, String>();
        int n = ranked.size();
        if (n > 0) {
            chosen.put("best", ranked.get(0).name());
        }
        if (n > 2) {
            chosen.put("median", ranked.get((n - 1) / 2).name());
        }
        if (n > 1) {
            chosen.put("worst", ranked.get(n - 1).name());
        }
        return Collections.unmodifiableMap(chosen);
    }

    /** Returns the mean over the labels with a defined Dice, or null if there are none. */
    public static @Nullable Double meanDice(CaseResult result) {
        List<Double> dice = result.labels().values().stream()
                .map(metrics -> metrics.value(Metric.DICE))
                .filter(Objects::nonNull)
                .toList();
        double sum = 0; // in order; a stream's sum differs in the last digits
        for (double d : dice) {
            sum += d;
        }
        return dice.isEmpty() ? null : Double.valueOf(sum / dice.size());
    }
}
