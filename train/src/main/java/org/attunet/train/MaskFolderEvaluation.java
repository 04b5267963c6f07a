package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.LabelSurvey;
import org.attunet.dataset.Mask;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.PixelSize;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Tolerance;
import org.jspecify.annotations.Nullable;

/**
 * A folder of predicted masks measured against a folder of true masks, matched by the names of their images as in a data set for training.
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
     * @param pixelSize of masks whose files have none; null if unknown
     * @param ignored the value of true voxels without a judgement; {@link LabelMap#NONE} for the one that {@code
     *     dataset.json} declares
     * @param tolerance of the normalised surface Dice
     * @param pairs receives the masks of each case
     * @throws AttunetException if a folder is missing or no case can be compared
     */
    public static MaskFolderEvaluation of(
            Path truth,
            Path prediction,
            @Nullable PixelSize pixelSize,
            int ignored,
            Tolerance tolerance,
            PairListener pairs,
            ProgressListener progress) {
        return new Comparer(truth, prediction, pixelSize, ignored, tolerance, pairs, progress).compare();
    }

    private static final class Comparer {
        private final Path folder;
        private final int ignored;
        private final Map<String, Mask> truths;
        private final Map<String, Mask> predictions;
        private final @Nullable PixelSize pixelSize;
        private final Tolerance tolerance;
        private final PairListener pairs;
        private final ProgressListener progress;
        private final List<String> notes = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private int done;

        Comparer(
                Path truth,
                Path prediction,
                @Nullable PixelSize pixelSize,
                int ignored,
                Tolerance tolerance,
                PairListener pairs,
                ProgressListener progress) {
            folder = truth;
            this.ignored = DataSets.ignored(truth, ignored);
            truths = new TreeMap<>(masksIn(truth));
            truths.replaceAll((name, mask) -> mask.ignoring(this.ignored));
            predictions = masksIn(prediction);
            if (truths.keySet().stream().allMatch(name -> find(name) == null)) {
                throw new AttunetException(
                        prediction,
                        "none of its masks (" + first(predictions) + ") has the name of a true mask (" + first(truths)
                                + ")",
                        "masks named after the same images",
                        "rename them, or give the folder of the predictions of these images");
            }
            this.pixelSize = pixelSize;
            this.tolerance = tolerance;
            this.pairs = pairs;
            this.progress = progress;
        }

        MaskFolderEvaluation compare() {
            Set<Mask> matched = new HashSet<>();
            truths.keySet().forEach(name -> matched.add(find(name)));
            List<String> unmatched = predictions.entrySet().stream()
                    .filter(one -> !matched.contains(one.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!unmatched.isEmpty()) {
                notes.add("left out, as " + folder + " has no mask of these names: " + String.join(", ", unmatched));
            }
            Mask.joinedNote(truths).ifPresent(notes::add);
            Mask.joinedNote(predictions).ifPresent(notes::add);
            LabelSet labels = labels();
            List<CaseResult> cases = new ArrayList<>();
            truths.forEach((stem, file) -> {
                CaseResult result = compare(stem, file, find(stem), labels);
                if (result != null) {
                    cases.add(result);
                }
                progress.at(++done, truths.size());
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

        private @Nullable CaseResult compare(String stem, Mask truthMask, @Nullable Mask predicted, LabelSet labels) {
            Path truthFile = truthMask.firstFile();
            LabelMap truth;
            try {
                truth = truthMask.read(
                        truthFile, new ImageCase(stem, List.of(truthFile), pixelSize).readGrid(), labels);
            } catch (AttunetException e) {
                problems.add(String.valueOf(e.getMessage()));
                return null;
            }
            LabelMap prediction = new LabelMap(truth.grid(), new short[truth.voxels().length]);
            CaseResult result = null;
            if (predicted == null) {
                problems.add(truthFile + ": no prediction of this name; it counts as predicted empty");
            } else {
                try {
                    LabelMap read = predicted.read(truthFile, truth.grid(), labels);
                    result = CaseComparison.compare(stem, truth, read, labels, tolerance);
                    prediction = read;
                } catch (AttunetException e) {
                    problems.add(predicted.firstFile() + ": it counts as predicted empty (" + e.getMessage() + ")");
                }
            }
            if (result == null) {
                result = CaseComparison.compare(stem, truth, prediction, labels, tolerance);
            }
            pairs.measured(stem, truth, prediction, labels);
            return result;
        }

        /** The prediction for an image: of its name, of its first channel's name, or of a name in other letter case. */
        private @Nullable Mask find(String name) {
            for (String other : List.of(name, name + "_0000")) {
                Mask found = predictions.get(other);
                if (found != null) {
                    return found;
                }
            }
            List<Mask> alike = predictions.entrySet().stream()
                    .filter(one -> one.getKey().equalsIgnoreCase(name) && !truths.containsKey(one.getKey()))
                    .map(Map.Entry::getValue)
                    .toList();
            return alike.size() == 1 ? alike.get(0) : null;
        }

        private static String first(Map<String, Mask> masks) {
            return masks.values().stream()
                    .limit(3)
                    .map(mask -> String.valueOf(mask.firstFile().getFileName()))
                    .collect(Collectors.joining(", "));
        }

        /** The declared labels, else those of the true masks, and those of the predictions that mean other structures. */
        private LabelSet labels() {
            LabelSet declared = DataSets.declaredLabels(folder);
            LabelSurvey ofTruths = LabelSurvey.ofMasks(folder, truths.values(), declared);
            if (declared != null) {
                notes.addAll(ofTruths == null ? List.of() : ofTruths.notes());
                return declared;
            }
            if (ignored == Mask.UNDECLARED) {
                throw new AttunetException(
                        folder,
                        "no dataset.json in it or above it declares labels, and --ignore undeclared is given",
                        "declared labels",
                        "declare them, or name the value of voxels without a judgement: --ignore VALUE");
            }
            LabelSurvey ofPredictions = LabelSurvey.ofMasks(folder, predictions.values(), null);
            if (ofTruths == null && ofPredictions == null) {
                throw new AttunetException(
                        folder, "all masks are empty or unreadable", "values above 0", "check how they were made");
            }
            Map<Integer, String> names = new TreeMap<>();
            for (LabelSurvey survey : Arrays.asList(ofPredictions, ofTruths)) {
                if (survey != null) {
                    survey.labels().values().forEach(value -> names.put(value, "label " + value));
                    notes.addAll(survey.notes());
                }
            }
            if (ofTruths != null && ofPredictions != null && isOnOff(ofTruths) && isOnOff(ofPredictions)) {
                int predicted = ofPredictions.labels().valueOf(1);
                int value = ofTruths.labels().valueOf(1);
                if (predicted != value) {
                    names.remove(predicted);
                    notes.add("the predictions' only label " + predicted + " is taken for the truth's " + value);
                }
            }
            if (names.size() > 1) {
                names.remove(ignored); // a prediction that holds it is refused
            }
            return LabelSet.of(names);
        }

        /** Whether the one label is written as programs write masks of one structure: 1 by some, white by others. */
        private static boolean isOnOff(LabelSurvey survey) {
            return survey.labels().size() == 1
                    && List.of(1, 255, 65535).contains(survey.labels().valueOf(1));
        }

        private static Map<String, Mask> masksIn(Path folder) {
            if (!Files.isDirectory(folder)) {
                throw new AttunetException(
                        folder,
                        Files.exists(folder) ? "it is not a folder" : "it doesn't exist",
                        "a folder of masks",
                        "correct the path");
            }
            return DataSets.masksByImage(folder);
        }
    }
}
