package org.attunet.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * The statistics of all metrics over cases for each label. Undefined cases, in which neither mask has the label, are left
 * out of the means; failed ones, in which only one mask has it, count with Dice and IoU 0 and without distances.
 *
 * <p>Immutable and deterministic, intervals included.
 *
 * @param cases the number of cases
 * @param labels the statistic of each metric by the label's value in mask files, ascending
 */
public record Summary(int cases, Map<Integer, Map<Metric, Statistic>> labels) {
    /**
     * Summarises cases; a label that a case does not list is undefined there.
     *
     * @param results the results of the cases
     * @return the statistics over the cases
     */
    public static Summary of(List<CaseResult> results) {
        SortedSet<Integer> values = new TreeSet<>();
        results.forEach(result -> values.addAll(result.labels().keySet()));
        var labels = new TreeMap<Integer, Map<Metric, Statistic>>();
        for (int label : values) {
            var statistics = new EnumMap<Metric, Statistic>(Metric.class);
            List<LabelMetrics> found = results.stream()
                    .map(result -> result.labels().get(label))
                    .filter(Objects::nonNull)
                    .toList();
            int defined = (int) found.stream().filter(m -> !m.undefined()).count();
            int failed = (int) found.stream().filter(LabelMetrics::failed).count();
            for (Metric metric : Metric.values()) {
                double[] numbers = found.stream()
                        .map(metrics -> metrics.value(metric))
                        .filter(Objects::nonNull)
                        .mapToDouble(Double::doubleValue)
                        .toArray();
                statistics.put(metric, Statistic.of(numbers, results.size() - defined, failed));
            }
            labels.put(label, Collections.unmodifiableMap(statistics));
        }
        return new Summary(results.size(), Collections.unmodifiableMap(labels));
    }

    /** {@return the mean over labels of the labels' mean Dice; NaN if it is defined in no case} */
    public double meanDice() {
        return mean(Metric.DICE);
    }

    /**
     * {@return the mean over labels of the labels' means of a metric; NaN if it is defined in no case}
     *
     * @param metric the measure
     */
    public double mean(Metric metric) {
        return labels.values().stream()
                .map(statistics -> statistics.get(metric))
                .filter(Objects::nonNull)
                .map(Statistic::mean)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** {@return the number of (case, label) pairs in which only one mask has the label} */
    public int failed() {
        return sum(Statistic::failed);
    }

    /** {@return the number of (case, label) pairs in which neither mask has the label} */
    public int undefined() {
        return sum(Statistic::undefined);
    }

    private int sum(ToIntFunction<Statistic> count) {
        return labels.values().stream()
                .map(statistics -> Objects.requireNonNull(statistics.get(Metric.DICE)))
                .mapToInt(count)
                .sum();
    }
}
