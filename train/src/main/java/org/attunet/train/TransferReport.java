package org.attunet.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The transfer of weights from another model at the start of a training.
 *
 * @param source the model
 * @param taken names of the weights that were taken over, in the network's order
 * @param fresh names of the weights that start at random, with the reason, in the network's order
 * @param unused names of the model's weights that the network lacks
 * @param notes other differences, one sentence each
 * @param seen content hashes of the cases that had shaped the weights; empty if they are unknown
 */
public record TransferReport(
        @JsonProperty("from") String source,
        @JsonProperty("taken_over") List<String> taken,
        Map<String, String> fresh,
        @JsonProperty("not_used") List<String> unused,
        List<String> notes,
        List<String> seen) {
    private static final int SHOWN = 24;

    /** Copies. */
    public TransferReport {
        taken = List.copyOf(taken);
        fresh = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fresh));
        unused = List.copyOf(unused);
        notes = List.copyOf(notes);
        seen = List.copyOf(seen);
    }

    /** The transfer as text: a line for the weights taken over, one for each reason against the others, and the notes. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int all = taken.size() + fresh.size();
        lines.add("taken over from " + source + ": " + taken.size() + " of " + all + " weights: " + layers(taken));
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        fresh.forEach((name, reason) ->
                byReason.computeIfAbsent(reason, r -> new ArrayList<>()).add(name));
        byReason.forEach((reason, names) -> lines.add("starts fresh: " + layers(names) + " (" + reason + ")"));
        if (!unused.isEmpty()) {
            lines.add("not used: " + layers(unused) + " (no such layer here)");
        }
        lines.addAll(notes);
        return lines;
    }

    /** The blocks that weights belong to, each once: {@code Conv1} of {@code Conv1.conv.0.weight}. */
    private static String layers(List<String> names) {
        List<String> blocks = names.stream()
                .map(name -> name.substring(0, Math.max(0, name.indexOf('.'))))
                .distinct()
                .toList();
        if (blocks.isEmpty()) {
            return "none";
        }
        String shown = String.join(", ", blocks.subList(0, Math.min(SHOWN, blocks.size())));
        return blocks.size() > SHOWN ? shown + " and " + (blocks.size() - SHOWN) + " more" : shown;
    }
}
