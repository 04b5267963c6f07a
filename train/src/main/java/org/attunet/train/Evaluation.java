package org.attunet.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Reliability;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;

/**
 * The measures of a model's predictions against the masks of cases.
 *
 * @param results one for each case that could be read, in their order
 * @param summary over them
 * @param unreadable the reason for each other case
 * @param warnings the predictions' warnings by case; only of cases that have some
 * @param objects how found objects agree with the true ones, by case; empty if the masks tell no objects apart
 */
public record Evaluation(
        List<CaseResult> results,
        Summary summary,
        List<String> unreadable,
        Map<String, List<String>> warnings,
        Map<String, ObjectMatch> objects) {
    /**
     * Predicts each case and measures it on its own grid.
     *
     * @param tolerance of the normalised surface distance
     * @throws AttunetException if no case could be read
     */
    public static Evaluation of(Segmenter segmenter, List<Case> cases, Tolerance tolerance, ProgressListener progress) {
        return of(segmenter, cases, tolerance, PairListener.NONE, progress);
    }

    /**
     * The same, whose masks are of use to others too.
     *
     * @param pairs receives the masks of each case
     */
    public static Evaluation of(
            Segmenter segmenter, List<Case> cases, Tolerance tolerance, PairListener pairs, ProgressListener progress) {
        var labels = segmenter.model().labels();
        List<CaseResult> results = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        Map<String, List<String>> warnings = new LinkedHashMap<>();
        Map<String, ObjectMatch> objects = new LinkedHashMap<>();
        for (Case one : cases) {
            try {
                Case.Pair pair = one.read(labels);
                Segmentation prediction;
                if (one.mask().hasObjects()) {
                    ObjectSegmentation found = ObjectSegmentation.of(segmenter, pair.image());
                    objects.put(
                            one.id(),
                            ObjectScore.of(one, pair.image(), found.objects().map()));
                    prediction = found.segmentation();
                } else {
                    prediction = segmenter.segment(pair.image());
                }
                results.add(CaseComparison.compare(one.id(), pair.labels(), prediction.labels(), labels, tolerance)
                        .withEstimates(
                                prediction.reliability().confidenceOrNull(),
                                prediction.reliability().noveltyOrNull()));
                pairs.measured(one.id(), pair.labels(), prediction.labels(), labels);
                if (!prediction.warnings().isEmpty()) {
                    warnings.put(one.id(), prediction.warnings());
                }
            } catch (AttunetException e) {
                unreadable.add(e.getMessage());
            }
            progress.at(results.size() + unreadable.size(), cases.size());
        }
        if (results.isEmpty()) {
            throw new AttunetException(
                    "evaluation",
                    unreadable.isEmpty() ? "no case" : "no case could be read; the first: " + unreadable.get(0),
                    "one case with a mask or more",
                    "give a data set with images and masks that fit the model");
        }
        return new Evaluation(results, Summary.of(results), unreadable, warnings, objects);
    }

    /** The number of cases that are unlike the model's training cases; empty if that isn't known. */
    public OptionalInt unlikeTraining() {
        List<Double> known = results.stream()
                .map(CaseResult::novelty)
                .filter(Objects::nonNull)
                .toList();
        return known.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of((int) known.stream()
                        .filter(novelty -> novelty > Reliability.NOVELTY_LIMIT)
                        .count());
    }

    /** All warnings, each with its case's name. */
    public List<String> warningLines() {
        List<String> lines = new ArrayList<>();
        warnings.forEach((name, own) -> own.forEach(warning -> lines.add(name + ": " + warning)));
        return lines;
    }
}
