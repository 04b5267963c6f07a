package org.attunet.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.bundle.KeepLargest;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.OverlapCounts;
import org.attunet.predict.LargestComponent;

/**
 * The labels of which keeping only the largest component raises Dice, chosen by nnU-Net's rule.
 *
 * <p>First all labels together are tried as one object, which is kept if it raises the mean Dice and lowers no label's. Then
 * each label alone is tried on top of it, and kept if it raises the label's mean Dice.
 *
 * @param chosen what raised Dice
 * @param before the mean Dice of each label as predicted
 * @param after with what was chosen
 * @param trials what was tried ({@code union} or a label's value) and the mean Dice before and after
 */
public record KeepLargestChoice(
        KeepLargest chosen, Map<Integer, Double> before, Map<Integer, Double> after, List<Trial> trials) {
    /** One attempt; the Dice is the label's, or for the union the mean over all labels. */
    public record Trial(String what, double before, double after, boolean kept) {}

    /** Copies the lists. */
    public KeepLargestChoice {
        before = Collections.unmodifiableMap(new TreeMap<>(before));
        after = Collections.unmodifiableMap(new TreeMap<>(after));
        trials = List.copyOf(trials);
    }

    /** Counts overlaps case by case; keeps no masks. One thread only. */
    public static final class Tally {
        private final LabelSet labels;
        private final List<Integer> tried; // no labels that overlap: a part of one may be the whole of another
        private final Map<KeepLargest, List<OverlapCounts>> counts = new LinkedHashMap<>();

        /** A tally without cases. */
        public Tally(LabelSet labels) {
            this.labels = labels;
            this.tried = labels.hasRegions() ? List.of() : labels.values();
            List<KeepLargest> whole = new ArrayList<>(List.of(KeepLargest.NONE));
            if (tried.size() > 1) {
                whole.add(new KeepLargest(true, List.of()));
            }
            for (KeepLargest base : whole) {
                counts.put(base, new ArrayList<>());
                tried.forEach(label -> counts.put(base.and(label), new ArrayList<>()));
            }
        }

        /** Adds a case: the true mask and the prediction as the network gave it. */
        public void add(LabelMap truth, LabelMap prediction) {
            counts.forEach(
                    (keep, list) -> list.add(OverlapCounts.of(truth, LargestComponent.keep(prediction, keep), labels)));
        }

        /** The choice over the cases so far. */
        public KeepLargestChoice choice() {
            List<Trial> trials = new ArrayList<>();
            KeepLargest base = KeepLargest.NONE;
            Map<Integer, Double> raw = dice(base);
            Map<Integer, Double> best = new TreeMap<>(raw);
            if (tried.size() > 1) {
                KeepLargest union = new KeepLargest(true, List.of());
                Map<Integer, Double> cut = dice(union);
                boolean harmless = raw.entrySet().stream()
                        .allMatch(label -> cut.getOrDefault(label.getKey(), 0.0) >= label.getValue());
                boolean kept = harmless && mean(cut) > mean(raw);
                trials.add(new Trial("union", mean(raw), mean(cut), kept));
                base = kept ? union : base;
                best = kept ? new TreeMap<>(cut) : best;
            }
            KeepLargest chosen = base;
            for (int label : tried) {
                double uncut = best.getOrDefault(label, Double.NaN);
                double cut = dice(base.and(label)).getOrDefault(label, Double.NaN);
                boolean kept = cut > uncut;
                trials.add(new Trial(Integer.toString(label), uncut, cut, kept));
                if (kept) {
                    chosen = chosen.and(label);
                    best.put(label, cut);
                }
            }
            return new KeepLargestChoice(chosen, raw, best, trials);
        }

        /** Each label's mean Dice over the cases that define it. */
        private Map<Integer, Double> dice(KeepLargest keep) {
            Map<Integer, List<Double>> values = new TreeMap<>();
            for (OverlapCounts one : counts.getOrDefault(keep, List.of())) {
                one.dice()
                        .forEach((label, dice) -> values.computeIfAbsent(label, l -> new ArrayList<>())
                                .add(dice));
            }
            Map<Integer, Double> means = new TreeMap<>();
            values.forEach((label, list) -> means.put(
                    label,
                    list.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
            return means;
        }

        private static double mean(Map<Integer, Double> dice) {
            return dice.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(Double.NaN);
        }
    }
}
