package org.attunet.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Networks side by side: their runs summarised, and each tested against the first over the same held-out cases.
 *
 * <p>The unit of the test is the case, for cases are what a conclusion is to reach beyond: a case's value is the mean
 * over its labels of their mean Dice over the seeds. Seeds of one network are no independent samples of patients.
 *
 * @param rows one for each network, in the order in which the networks were given
 */
public record Comparison(List<Row> rows) {
    /**
     * What a network came to. Measures are means over labels of means over cases, averaged over the seeds.
     *
     * @param network its name
     * @param seeds the runs
     * @param cases the cases that were measured in each of them
     * @param dice the mean Dice with its bootstrap 95% interval over cases (each the mean over seeds)
     * @param seedDeviation the standard deviation of the runs' mean Dice, 0 for a single run
     * @param labelDice mean Dice by label
     * @param means the other measures; NaN where no case defines one
     * @param failed pairs of case and label that a run missed or invented, a run's mean
     * @param parameters trained values
     * @param steps a run's mean
     * @param minutes a run's mean, validations included
     * @param difference against the first network; null for the first, and where they share no case
     */
    public record Row(
            String network,
            int seeds,
            int cases,
            Statistic dice,
            double seedDeviation,
            Map<Integer, Double> labelDice,
            Map<Metric, Double> means,
            double failed,
            long parameters,
            double steps,
            double minutes,
            @Nullable PairedTest difference) {
        /** Seconds of a step, validations included; NaN where no step was taken. */
        public double secondsPerStep() {
            return minutes * 60 / steps;
        }

        /** The mean of a measure; NaN where no case defines it. */
        public double mean(Metric metric) {
            return means.getOrDefault(metric, Double.NaN);
        }
    }

    /** Copies the list. */
    public Comparison {
        rows = List.copyOf(rows);
    }

    /** Compares runs; the network of the first one is what the others are tested against. */
    public static Comparison of(List<ComparedRun> runs) {
        Map<String, List<ComparedRun>> networks = new LinkedHashMap<>();
        runs.forEach(run -> networks.computeIfAbsent(run.network(), name -> new ArrayList<>())
                .add(run));
        List<Row> rows = new ArrayList<>();
        Map<String, Double> first = null;
        for (List<ComparedRun> group : networks.values()) {
            Map<String, Double> own = caseDice(group);
            rows.add(row(group, own, first == null ? null : test(first, own)));
            first = first == null ? own : first;
        }
        return new Comparison(rows);
    }

    private static Row row(List<ComparedRun> runs, Map<String, Double> dice, @Nullable PairedTest difference) {
        List<Summary> summaries =
                runs.stream().map(run -> Summary.of(run.cases())).toList();
        double[] runDice = summaries.stream()
                .mapToDouble(Summary::meanDice)
                .filter(d -> !Double.isNaN(d))
                .toArray();
        Map<Metric, Double> means = new TreeMap<>();
        for (Metric metric : Metric.values()) {
            means.put(metric, mean(summaries, summary -> summary.mean(metric)));
        }
        Map<Integer, Double> labels = new TreeMap<>();
        for (int label : labels(runs)) {
            labels.put(label, mean(summaries, summary -> labelDice(summary, label)));
        }
        double deviation =
                Objects.requireNonNullElse(Statistic.of(runDice, 0, 0).standardDeviation(), 0.0);
        double[] values =
                dice.values().stream().mapToDouble(Double::doubleValue).toArray();
        return new Row(
                runs.get(0).network(),
                runs.size(),
                dice.size(),
                Statistic.of(values, 0, 0),
                deviation,
                Collections.unmodifiableMap(labels),
                Collections.unmodifiableMap(means),
                mean(summaries, Summary::failed),
                runs.get(0).parameters(),
                runs.stream().mapToLong(ComparedRun::steps).average().orElse(0),
                runs.stream().mapToDouble(ComparedRun::minutes).average().orElse(0),
                difference);
    }

    /** Each case's Dice: for each label the mean over the runs, then the mean over the labels; by name. */
    private static Map<String, Double> caseDice(List<ComparedRun> runs) {
        Map<String, Map<Integer, List<Double>>> found = new TreeMap<>();
        for (ComparedRun run : runs) {
            for (CaseResult one : run.cases()) {
                one.labels().forEach((label, metrics) -> {
                    Double dice = metrics.value(Metric.DICE);
                    if (dice != null) {
                        found.computeIfAbsent(one.name(), name -> new TreeMap<>())
                                .computeIfAbsent(label, value -> new ArrayList<>())
                                .add(dice);
                    }
                });
            }
        }
        Map<String, Double> dice = new TreeMap<>();
        found.forEach((name, labels) -> dice.put(
                name,
                labels.values().stream().mapToDouble(Comparison::mean).average().orElseThrow()));
        return dice;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    private static double mean(List<Summary> summaries, ToDoubleFunction<Summary> value) {
        return Arrays.stream(summaries.stream().mapToDouble(value).toArray())
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    private static SortedSet<Integer> labels(List<ComparedRun> runs) {
        SortedSet<Integer> labels = new TreeSet<>();
        runs.forEach(
                run -> run.cases().forEach(one -> labels.addAll(one.labels().keySet())));
        return labels;
    }

    private static double labelDice(Summary summary, int label) {
        Map<Metric, Statistic> statistics = summary.labels().get(label);
        Statistic dice = statistics == null ? null : statistics.get(Metric.DICE);
        Double mean = dice == null ? null : dice.mean();
        return mean == null ? Double.NaN : mean;
    }

    private static @Nullable PairedTest test(Map<String, Double> first, Map<String, Double> other) {
        double[] differences = other.entrySet().stream()
                .filter(entry -> first.containsKey(entry.getKey()))
                .mapToDouble(entry -> entry.getValue() - Objects.requireNonNull(first.get(entry.getKey())))
                .toArray();
        return differences.length == 0 ? null : PairedTest.of(differences);
    }
}
