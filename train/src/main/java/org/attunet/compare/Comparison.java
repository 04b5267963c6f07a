package org.attunet.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Networks side by side: their runs summarised, and each network tested against the first over the same held-out cases.
 *
 * <p>The unit of the test is the case, since conclusions are about further cases: a case's value is the mean over its
 * labels of their mean Dice over the seeds. Of data that tell objects apart it is the mean over the seeds of the mean AP over
 * IoU 0.5 to 0.95: their labels are depths within objects, whose Dice says nothing about objects that are parted or joined
 * wrongly. Seeds of one network are not independent samples of patients.
 *
 * @param rows one for each network, in the order given
 */
public record Comparison(List<Row> rows) {
    /**
     * The results of a network. Metrics are means over labels of means over cases, averaged over the seeds.
     *
     * @param network its name
     * @param runs one for each seed
     * @param summaries of the runs' cases
     * @param caseDice each case's Dice, the mean over seeds and labels, by name
     * @param dice mean and bootstrap 95% interval of {@code caseDice}
     * @param caseAp each case's mean AP over the IoUs, the mean over seeds, by name; empty for data of structures
     * @param ap mean and bootstrap 95% interval of {@code caseAp}
     * @param difference of {@code caseAp} if there are objects, else of {@code caseDice}, from the first network; null for the
     *     first, and if they share no case
     */
    public record Row(
            String network,
            List<ComparedRun> runs,
            List<Summary> summaries,
            Map<String, Double> caseDice,
            Statistic dice,
            Map<String, Double> caseAp,
            Statistic ap,
            @Nullable PairedTest difference) {
        private static Row of(List<ComparedRun> runs, @Nullable Row first) {
            Map<String, Double> caseDice = diceByCase(runs);
            Map<String, Double> caseAp = apByCase(runs);
            return new Row(
                    runs.get(0).network(),
                    runs,
                    runs.stream().map(run -> Summary.of(run.cases())).toList(),
                    caseDice,
                    Statistic.of(toArray(caseDice.values().stream().toList()), 0, 0),
                    caseAp,
                    Statistic.of(toArray(caseAp.values().stream().toList()), 0, 0),
                    first == null
                            ? null
                            : first.hasObjects() ? test(first.caseAp, caseAp) : test(first.caseDice, caseDice));
        }

        /** Whether the networks tell objects apart, and are compared by AP. */
        public boolean hasObjects() {
            return runs.stream().anyMatch(run -> !run.objects().isEmpty());
        }

        /** The mean over cases and seeds of the AP at IoU 0.5; NaN without objects. */
        public double ap50() {
            return runs.stream()
                    .flatMap(run -> run.objects().values().stream())
                    .mapToDouble(values -> values.get(0))
                    .average()
                    .orElse(Double.NaN);
        }

        /** The standard deviation of the runs' mean Dice, 0 for a single run. */
        public double seedDeviation() {
            return deviation(summaries.stream().mapToDouble(Summary::meanDice));
        }

        /** The standard deviation of the runs' mean AP, 0 for a single run. */
        public double seedDeviationOfAp() {
            return deviation(runs.stream()
                    .mapToDouble(run -> run.objects().values().stream()
                            .mapToDouble(Comparison::mean)
                            .average()
                            .orElse(Double.NaN)));
        }

        private static double deviation(DoubleStream values) {
            double[] defined = values.filter(d -> !Double.isNaN(d)).toArray();
            return Objects.requireNonNullElse(Statistic.of(defined, 0, 0).standardDeviation(), 0.0);
        }

        /** Mean Dice by label; NaN if no case defines it. */
        public SortedMap<Integer, Double> labelDice() {
            SortedMap<Integer, Double> means = new TreeMap<>();
            runs.forEach(run ->
                    run.cases().forEach(one -> one.labels().keySet().forEach(label -> means.put(label, 0.0))));
            means.replaceAll((label, zero) -> mean(summary -> labelDice(summary, label)));
            return means;
        }

        private static double labelDice(Summary summary, int label) {
            Map<Metric, Statistic> statistics = summary.labels().get(label);
            Statistic dice = statistics == null ? null : statistics.get(Metric.DICE);
            Double mean = dice == null ? null : dice.mean();
            return mean == null ? Double.NaN : mean;
        }

        /** The mean of a metric; NaN if no case defines it. */
        public double mean(Metric metric) {
            return mean(summary -> summary.mean(metric));
        }

        /** Pairs of case and label that were missed or invented, mean of the runs. */
        public double failed() {
            return mean(Summary::failed);
        }

        private double mean(ToDoubleFunction<Summary> value) {
            return Arrays.stream(summaries.stream().mapToDouble(value).toArray())
                    .filter(v -> !Double.isNaN(v))
                    .average()
                    .orElse(Double.NaN);
        }

        /** Training steps, mean of the runs. */
        public double steps() {
            return runs.stream().mapToLong(ComparedRun::steps).average().orElse(0);
        }

        /** Minutes of training, validations included, mean of the runs. */
        public double minutes() {
            return runs.stream().mapToDouble(ComparedRun::minutes).average().orElse(0);
        }

        /** Seconds per step, validations included; NaN if no step was taken. */
        public double secondsPerStep() {
            return minutes() * 60 / steps();
        }
    }

    /** Compares runs; all networks are tested against that of the first run. */
    public static Comparison of(List<ComparedRun> runs) {
        Map<String, List<ComparedRun>> networks = new LinkedHashMap<>();
        runs.forEach(run -> networks.computeIfAbsent(run.network(), name -> new ArrayList<>())
                .add(run));
        List<Row> rows = new ArrayList<>();
        networks.values().forEach(group -> rows.add(Row.of(group, rows.isEmpty() ? null : rows.get(0))));
        return new Comparison(rows);
    }

    /** Each case's Dice: for each label the mean over the runs, then the mean over the labels; by name. */
    private static Map<String, Double> diceByCase(List<ComparedRun> runs) {
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

    /** Each case's mean AP over the IoUs, the mean over the runs; by name. */
    private static Map<String, Double> apByCase(List<ComparedRun> runs) {
        Map<String, List<Double>> found = new TreeMap<>();
        runs.forEach(run -> run.objects()
                .forEach((name, values) ->
                        found.computeIfAbsent(name, key -> new ArrayList<>()).add(mean(values))));
        Map<String, Double> means = new TreeMap<>();
        found.forEach((name, values) -> means.put(name, mean(values)));
        return means;
    }

    private static double mean(List<Double> values) {
        return Arrays.stream(toArray(values)).average().orElse(Double.NaN);
    }

    private static double[] toArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static @Nullable PairedTest test(Map<String, Double> first, Map<String, Double> other) {
        double[] differences = other.entrySet().stream()
                .filter(entry -> first.containsKey(entry.getKey()))
                .mapToDouble(entry -> entry.getValue() - Objects.requireNonNull(first.get(entry.getKey())))
                .toArray();
        return differences.length == 0 ? null : PairedTest.of(differences);
    }
}
