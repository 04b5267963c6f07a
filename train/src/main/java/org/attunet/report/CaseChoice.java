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
 * The cases that stand for all: the best, the median and the worst by mean Dice. Of an even number the median is the
 * better one of the middle two; equal cases are taken by name. Cases without a defined Dice are never chosen.
 */
public final class CaseChoice {
    private CaseChoice() {}

    /**
     * Role ("best", "median", "worst") to the case's name, in this order. Fewer than three cases give fewer roles, so
     * that no case comes twice.
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

    /** The mean over the labels whose Dice is defined; null where none is. */
    public static @Nullable Double meanDice(CaseResult result) {
        double[] dice = result.labels().values().stream()
                .map(metrics -> metrics.value(Metric.DICE))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        double sum = 0;
        for (double d : dice) {
            sum += d;
        }
        return dice.length == 0 ? null : Double.valueOf(sum / dice.length);
    }
}
