package org.attunet.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/**
 * The content of a report. Empty parts have no section. Texts are plain; the page escapes them.
 *
 * @param title the page's heading
 * @param subtitle a sentence below it
 * @param facts headline numbers, the most important first
 * @param history of the training, ascending by step
 * @param results the evaluated cases
 * @param summary their summary; null if nothing was evaluated
 * @param labels the labels' names; null to name them by their values
 * @param pictures the cases to show
 * @param warnings about data or training, a sentence or two each
 * @param attention how open the attention gates were, in the network's order and ascending by step
 * @param configuration values by setting, in the order in which they are listed
 */
public record ReportContent(
        String title,
        String subtitle,
        List<Fact> facts,
        List<HistoryPoint> history,
        List<CaseResult> results,
        @Nullable Summary summary,
        @Nullable LabelSet labels,
        List<CasePicture> pictures,
        List<String> warnings,
        List<AttentionShare> attention,
        Map<String, String> configuration) {
    /** Copies lists and map. */
    public ReportContent {
        facts = List.copyOf(facts);
        history = List.copyOf(history);
        results = List.copyOf(results);
        pictures = List.copyOf(pictures);
        warnings = List.copyOf(warnings);
        attention = List.copyOf(attention);
        configuration = Collections.unmodifiableMap(new LinkedHashMap<>(configuration));
    }

    /** Returns the name of a label, or its value if it has none. */
    String labelName(int label) {
        int k = labels == null ? -1 : labels.classOf(label);
        return labels == null || k < 1 ? "label " + label : labels.nameOf(k);
    }
}
