package org.attunet.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataSets;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Two folders of masks, the true ones and some that anything may have made, matched by the stems of their names.
 *
 * <p>No case is dropped in silence: a true mask without a readable prediction counts as predicted empty, and what could
 * not be compared at all is named.
 *
 * @param cases the comparisons, by name
 * @param labels the labels that were compared
 * @param notes what the user should know: predictions without a true mask, labels that were taken for each other
 * @param problems one sentence for each file that is missing, unreadable or does not fit
 */
record MaskFolders(List<CaseResult> cases, LabelSet labels, List<String> notes, List<String> problems) {
    /**
     * Compares the folders.
     *
     * @param toleranceMm of the normalised surface Dice
     * @throws AttunetException where a folder is missing or no case can be compared
     */
    static MaskFolders compare(Path truth, Path prediction, double toleranceMm, Console console) {
        Map<String, Path> truths = masksIn(truth);
        Map<String, Path> predictions = masksIn(prediction);
        List<String> notes = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<String> alone = predictions.keySet().stream()
                .filter(stem -> !truths.containsKey(stem))
                .toList();
        if (!alone.isEmpty()) {
            notes.add("left out, as " + truth + " has no mask of these names: " + String.join(", ", alone));
        }
        try (ProgressDisplay progress = ProgressDisplay.start(console, "Comparing", 2L * truths.size())) {
            var values = new Values(truth, truths, predictions, progress);
            LabelSet labels = values.labels(notes);
            List<CaseResult> cases = new ArrayList<>();
            truths.forEach((stem, file) -> {
                Path other = predictions.get(stem);
                CaseResult result = compare(stem, file, other, labels, values.renamed, toleranceMm, problems);
                if (result != null) {
                    cases.add(result);
                }
                progress.step();
            });
            if (cases.isEmpty()) {
                throw new AttunetException(
                        truth,
                        "no mask could be compared; the first: " + problems.get(0),
                        "one pair or more",
                        "mend it");
            }
            return new MaskFolders(cases, labels, notes, problems);
        }
    }

    /** The summary of the comparisons. */
    Summary summary() {
        return Summary.of(cases);
    }

    private static @Nullable CaseResult compare(
            String stem,
            Path truthFile,
            @Nullable Path predictionFile,
            LabelSet labels,
            Map<Integer, Integer> renamed,
            double toleranceMm,
            List<String> problems) {
        LabelMap truth;
        try {
            truth = Images.readLabels(truthFile);
        } catch (AttunetException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
        var empty = new LabelMap(truth.grid(), new short[truth.voxels().length]);
        if (predictionFile == null) {
            problems.add(truthFile + ": no prediction of this name; it counts as predicted empty");
            return CaseComparison.compare(stem, truth, empty, labels, toleranceMm);
        }
        try {
            LabelMap prediction = rename(Images.readLabels(predictionFile), renamed);
            return CaseComparison.compare(stem, truth, prediction, labels, toleranceMm);
        } catch (AttunetException e) {
            problems.add(predictionFile + ": it counts as predicted empty (" + e.getMessage() + ")");
            return CaseComparison.compare(stem, truth, empty, labels, toleranceMm);
        }
    }

    private static LabelMap rename(LabelMap map, Map<Integer, Integer> renamed) {
        if (renamed.isEmpty()) {
            return map;
        }
        short[] voxels = new short[map.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            int value = map.label(i);
            voxels[i] = (short) (int) renamed.getOrDefault(value, value);
        }
        return new LabelMap(map.grid(), voxels);
    }

    private static Map<String, Path> masksIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new AttunetException(
                    folder,
                    Files.exists(folder) ? "it is not a folder" : "there is nothing",
                    "a folder of masks",
                    "correct the path");
        }
        var masks = new TreeMap<String, Path>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(Images::isImage).filter(Files::isRegularFile).sorted().forEach(file -> {
                Path other = masks.put(Images.stem(file), file);
                if (other != null) {
                    throw new AttunetException(
                            file, "the folder also has " + other.getFileName(), "one mask of a name", "remove one");
                }
            });
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it cannot be listed (" + e + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
        if (masks.isEmpty()) {
            throw new AttunetException(
                    folder, "no mask", "NIfTI, PNG, TIFF or BMP files", "give the folder that holds the masks");
        }
        return masks;
    }

    /** Which values the masks hold, and what they are called. */
    private static final class Values {
        private final Path truthFolder;
        private final SortedSet<Integer> inTruths = new TreeSet<>();
        private final SortedSet<Integer> inPredictions = new TreeSet<>();
        private final Map<Integer, Integer> renamed = new TreeMap<>();

        Values(Path truthFolder, Map<String, Path> truths, Map<String, Path> predictions, ProgressDisplay progress) {
            this.truthFolder = truthFolder;
            truths.forEach((stem, file) -> {
                scan(file, inTruths);
                Path prediction = predictions.get(stem);
                if (prediction != null) {
                    scan(prediction, inPredictions);
                }
                progress.step();
            });
        }

        private static void scan(Path file, SortedSet<Integer> values) {
            try {
                values.addAll(CaseComparison.valuesIn(Images.readLabels(file)));
            } catch (AttunetException told) {
                // The comparison reads it again and tells what is wrong.
            }
        }

        /** The declared labels, else every value that a mask holds. */
        LabelSet labels(List<String> notes) {
            LabelSet declared = DataSets.declaredLabels(truthFolder);
            if (declared != null) {
                return declared;
            }
            if (inTruths.size() == 1 && inPredictions.size() == 1 && !inTruths.equals(inPredictions)) {
                // Masks of one structure are written as 1 by some programs and as 255 by others.
                renamed.put(inPredictions.first(), inTruths.first());
                notes.add("the predictions' only label " + inPredictions.first() + " is taken for the truth's "
                        + inTruths.first());
            }
            var names = new TreeMap<Integer, String>();
            inTruths.forEach(value -> names.put(value, "label " + value));
            if (renamed.isEmpty()) {
                inPredictions.forEach(value -> names.put(value, "label " + value));
            }
            if (names.isEmpty()) {
                throw new AttunetException(
                        truthFolder, "all masks are empty or unreadable", "values above 0", "check how they were made");
            }
            return LabelSet.of(names);
        }
    }
}
