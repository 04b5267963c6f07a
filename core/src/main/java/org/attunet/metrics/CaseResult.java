package org.attunet.metrics;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The metrics of one case.
 *
 * @param name the case's name: its files' name without suffix
 * @param labels the metrics by the label's value in mask files, ascending
 */
public record CaseResult(String name, Map<Integer, LabelMetrics> labels) implements Serializable {
    public CaseResult {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }
}
