package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.jspecify.annotations.Nullable;

/**
 * A folder of predicted masks measured against a folder of true masks, matched by the stems of the file names.
 *
 * <p>No case is dropped silently: a true mask without a readable prediction counts as predicted empty, and what could
 * not be compared at all is a problem.
 *
 * @param cases the comparisons, by name
 * @param labels the labels that were compared
 * @param notes predictions without a true mask, and labels that were identified with each other
 * @param problems one sentence for each file that is missing, unreadable or does not fit
 */
public record MaskFolderEvaluation(List<CaseResult> cases, LabelSet labels, List<String> notes, List<String> problems) {
    /**
     * Compares two folders.
     *
     * @param toleranceMm of the normalised surface Dice
     * @throws AttunetException if a folder is missing or no case can be compared
     */
    public static MaskFolderEvaluation of(Path truth, Path prediction, double toleranceMm, ProgressListener progress) {
        return new Comparer(truth, prediction, toleranceMm, progress).compare();
    }

    private static final class Comparer {
        private final Path folder;
        private final Map<String, Path> truths;
        private final Map<String, Path> predictions;
        private final double toleranceMm;
        private final ProgressListener progress;
        private final List<String> notes = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final Map<Integer, Integer> renamed = new TreeMap<>();
        private int done;

        Comparer(Path truth, Path prediction, double toleranceMm, ProgressListener progress) {
            folder = truth;
            truths = masksIn(truth);
            predictions = masksIn(prediction);
            this.toleranceMm = toleranceMm;
            this.progress = progress;
        }

        MaskFolderEvaluation compare() {
            List<String> unmatched = predictions.keySet().stream()
                    .filter(stem -> !truths.containsKey(stem))
                    .toList();
            if (!unmatched.isEmpty()) {
                notes.add("left out, as " + folder + " has no mask of these names: " + String.join(", ", unmatched));
            }
            LabelSet labels = labels();
            List<CaseResult> cases = new ArrayList<>();
            truths.forEach((stem, file) -> {
                CaseResult result = compare(stem, file, predictions.get(stem), labels);
                if (result != null) {
                    cases.add(result);
                }
                progress.at(++done, 2 * truths.size());
            });
            if (cases.isEmpty()) {
                throw new AttunetException(
                        folder,
                        "no mask could be compared; the first: " + problems.get(0),
                        "at least one pair",
                        "correct it");
            }
            return new MaskFolderEvaluation(cases, labels, notes, problems);
        }

        private @Nullable CaseResult compare(
                String stem, Path truthFile, @Nullable Path predictionFile, LabelSet labels) {
            LabelMap truth;
            try {
                truth = Images.readLabels(truthFile);
            } catch (AttunetException e) {
                problems.add(String.valueOf(e.getMessage()));
                return null;
            }
            if (predictionFile == null) {
                problems.add(truthFile + ": no prediction of this name; it counts as predicted empty");
            } else {
                try {
                    LabelMap prediction = rename(Placement.ofMask(predictionFile, truthFile)
                            .apply(Images.readLabels(predictionFile), truth.grid()));
                    return CaseComparison.compare(stem, truth, prediction, labels, toleranceMm);
                } catch (AttunetException e) {
                    problems.add(predictionFile + ": it counts as predicted empty (" + e.getMessage() + ")");
                }
            }
            var empty = new LabelMap(truth.grid(), new short[truth.voxels().length]);
            return CaseComparison.compare(stem, truth, empty, labels, toleranceMm);
        }

        private LabelMap rename(LabelMap map) {
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

        /** The declared labels, else every value in the masks. */
        private LabelSet labels() {
            SortedSet<Integer> inTruths = new TreeSet<>();
            SortedSet<Integer> inPredictions = new TreeSet<>();
            truths.forEach((stem, file) -> {
                addValues(file, inTruths);
                Path prediction = predictions.get(stem);
                if (prediction != null) {
                    addValues(prediction, inPredictions);
                }
                progress.at(++done, 2 * truths.size());
            });
            LabelSet declared = DataSets.declaredLabels(folder);
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
                        folder, "all masks are empty or unreadable", "values above 0", "check how they were made");
            }
            return LabelSet.of(names);
        }

        private static void addValues(Path file, SortedSet<Integer> values) {
            try {
                values.addAll(CaseComparison.valuesIn(Images.readLabels(file)));
            } catch (AttunetException e) {
                // reported by the comparison, which reads the file again
            }
        }

        private static Map<String, Path> masksIn(Path folder) {
            if (!Files.isDirectory(folder)) {
                throw new AttunetException(
                        folder,
                        Files.exists(folder) ? "it is not a folder" : "it doesn't exist",
                        "a folder of masks",
                        "correct the path");
            }
            var masks = new TreeMap<String, Path>();
            for (Path file : Images.list(folder)) {
                Path other = masks.put(Images.stem(file), file);
                if (other != null) {
                    throw new AttunetException(
                            file, "the folder also has " + other.getFileName(), "one mask of each name", "remove one");
                }
            }
            if (masks.isEmpty()) {
                throw new AttunetException(
                        folder, "no mask", "NIfTI, PNG, TIFF or BMP files", "give the folder that holds the masks");
            }
            return masks;
        }
    }
}
