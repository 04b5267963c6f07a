package org.attunet.predict;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.bundle.TrainingProfile;

/**
 * How unlike a model's training cases an image is: the greatest novelty of its traits.
 *
 * @param score 0 in the midst of the training cases, above {@link Reliability#NOVELTY_LIMIT} if unlike all of them
 * @param aspects what is beyond the limit, in words; empty if nothing is
 */
record Novelty(double score, List<String> aspects) {
    /** The finding for an image's traits. */
    static Novelty of(TrainingProfile profile, Map<String, Double> traits) {
        double greatest = 0;
        Map<TraitKind, String> aspects = new TreeMap<>();
        Map<TraitKind, Double> worst = new LinkedHashMap<>();
        for (Map.Entry<String, Double> trait : traits.entrySet()) {
            TraitKind kind = TraitKind.of(trait.getKey());
            double score = profile.novelty(trait.getKey(), trait.getValue(), kind.least());
            greatest = Math.max(greatest, score);
            if (score > Math.max(Reliability.NOVELTY_LIMIT, worst.getOrDefault(kind, 0.0))) {
                worst.put(kind, score);
                aspects.put(kind, kind.words() + lengths(profile, kind, trait));
            }
        }
        return new Novelty(greatest, new ArrayList<>(aspects.values()));
    }

    /** For a length, its axis, its value and the training cases'. */
    private static String lengths(TrainingProfile profile, TraitKind kind, Map.Entry<String, Double> trait) {
        TrainingProfile.Range range = profile.traits().get(trait.getKey());
        if (range == null || (kind != TraitKind.SIZE && kind != TraitKind.SPACING)) {
            return "";
        }
        String axis = trait.getKey().substring(trait.getKey().indexOf(' ') + 1);
        return " along " + axis + " (" + length(trait.getValue()) + "; " + length(range.low()) + " to "
                + length(range.high()) + " in training)";
    }

    private static String length(double logarithm) {
        return new BigDecimal(Math.exp(logarithm))
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The sentence of the warning. */
    String sentence() {
        int last = aspects.size() - 1;
        String list = last < 1
                ? String.join("", aspects)
                : String.join(", ", aspects.subList(0, last)) + " and " + aspects.get(last);
        return String.format(
                Locale.ROOT,
                "unlike the training data in %s (novelty %.2g, limit %.0f)",
                list,
                score,
                Reliability.NOVELTY_LIMIT);
    }
}
