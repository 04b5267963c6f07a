package org.attunet.cli;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.LesionResults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that ask for the lesions of labels, found and missed. */
final class LesionOptions {
    private static final String ALL = "all";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--lesions",
            paramLabel = "LABELS",
            split = ",",
            description = "Also count lesions, the connected parts of labels: sensitivity, false positives per case,"
                    + " precision and F1, in lesions.csv for each case. The labels by name or value, or all.")
    private @Nullable List<String> words;

    @Option(
            names = "--lesion-iou",
            paramLabel = "IOU",
            description = "A lesion is found if the IoU with a predicted one is above this (default: 0, they share a"
                    + " voxel).")
    private @Nullable Double iou;

    private @Nullable LesionResults results;

    /** Whether lesions are asked for. */
    boolean given() {
        return words != null;
    }

    /** Refuses an IoU out of range, or one without labels. */
    void check() {
        OptionRange.check("--lesion-iou", iou, n -> n >= 0 && n < 1, "a number from 0 to below 1");
        if (iou != null && words == null) {
            throw new ParameterException(spec.commandLine(), "--lesion-iou needs --lesions");
        }
    }

    /**
     * Begins to count; nothing if no lesions are asked for.
     *
     * @param labels of the masks
     * @throws ConfigException if a label that was asked for isn't among them
     */
    void begin(LabelSet labels) {
        if (words != null) {
            results = new LesionResults(labels, chosen(words, labels), iou == null ? 0 : iou);
        }
    }

    /** Counts the lesions of a case, beginning if need be. */
    void add(String caseName, LabelMap truth, LabelMap prediction, LabelSet labels) {
        if (results == null) {
            begin(labels);
        }
        if (results != null) {
            results.add(caseName, truth, prediction);
        }
    }

    /** What was counted; null if no lesions are asked for. */
    @Nullable
    LesionResults results() {
        return results;
    }

    /** The values of the labels that words name, in the order of the labels. */
    private static List<Integer> chosen(List<String> words, LabelSet labels) {
        var places = new TreeSet<Integer>();
        for (String word : words) {
            String wanted = word.strip();
            List<Integer> named = IntStream.rangeClosed(1, labels.size())
                    .filter(k -> wanted.equalsIgnoreCase(labels.nameOf(k))
                            || wanted.equals(String.valueOf(labels.valueOf(k))))
                    .boxed()
                    .toList();
            places.addAll(named);
            if (named.isEmpty()) {
                if (!wanted.equalsIgnoreCase(ALL)) {
                    throw new ConfigException("--lesions", wanted, "all, or names or values of the labels " + labels);
                }
                IntStream.rangeClosed(1, labels.size()).forEach(places::add);
            }
        }
        return places.stream().map(labels::valueOf).toList();
    }
}
