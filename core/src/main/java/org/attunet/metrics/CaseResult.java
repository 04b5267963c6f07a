package org.attunet.metrics;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The measures of one case.
 *
 * @param name the case, as its files are called without suffix
 * @param labels the measures by the label's value in mask files, ascending
 */
public record CaseResult(String name, Map<Integer, LabelMetrics> labels) implements Serializable {
    /** Copies the measures. */
    public CaseResult {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }
}
