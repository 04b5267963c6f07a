package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.attunet.predict.Segmenter;

/**
 * The measures of a model's predictions against the masks of cases.
 *
 * @param results one for each case that could be read, in their order
 * @param summary over them
 * @param unreadable the reason for each other case
 */
public record Evaluation(List<CaseResult> results, Summary summary, List<String> unreadable) {
    /**
     * Predicts each case and measures it on its own grid.
     *
     * @param toleranceMm of the normalised surface distance
     * @throws AttunetException if no case could be read
     */
    public static Evaluation of(Segmenter segmenter, List<Case> cases, double toleranceMm, ProgressListener progress) {
        var labels = segmenter.model().labels();
        List<CaseResult> results = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (Case one : cases) {
            try {
                Case.Pair pair = one.read(labels);
                LabelMap prediction = segmenter.segment(pair.image()).labels();
                results.add(CaseComparison.compare(one.id(), pair.labels(), prediction, labels, toleranceMm));
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
        return new Evaluation(results, Summary.of(results), unreadable);
    }
}
