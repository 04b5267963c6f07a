package org.attunet.metrics;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one case.
 *
 * @param name the case's name: its files' name without suffix
 * @param labels the metrics by the label's value in mask files, ascending
 * @param confidence the model's own estimate of the mask's quality, 0 to 1; null if the mask is empty or given
 * @param novelty how unlike the model's training cases the image is, above 1 if unlike all; null if that isn't known
 * @serial exclude
 */
public record CaseResult(
        String name,
        Map<Integer, LabelMetrics> labels,
        @Nullable Double confidence,
        @Nullable Double novelty) implements Serializable {
    /**
     * Copies the measures.
     *
     * @param name the case's name: its files' name without suffix
     * @param labels the metrics by the label's value in mask files, ascending
     * @param confidence the model's own estimate of the mask's quality, 0 to 1; null if the mask is empty or given
     * @param novelty how unlike the model's training cases the image is, above 1 if unlike all; null if that isn't known
     */
    public CaseResult {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /**
     * The metrics of a mask about which nothing else is known.
     *
     * @param name the case's name
     * @param labels the measures of each label by its value
     */
    public CaseResult(String name, Map<Integer, LabelMetrics> labels) {
        this(name, labels, null, null);
    }

    /**
     * {@return the same with what the model estimates about its mask}
     *
     * @param quality the confidence; null if there is none
     * @param unlikeness the novelty; null if it isn't known
     */
    public CaseResult withEstimates(@Nullable Double quality, @Nullable Double unlikeness) {
        return new CaseResult(name, labels, quality, unlikeness);
    }
}
