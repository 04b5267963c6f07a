package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.attunet.annotation.AnnotatedObjects;
import org.attunet.annotation.LabelImage;
import org.attunet.annotation.MaskFiles;
import org.attunet.annotation.ObjectFiles;
import org.attunet.annotation.ObjectSource;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Mask;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.io.WholeNumbers;
import org.attunet.metrics.ObjectMatch;
import org.attunet.objects.ObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * A folder of predicted label images, whose values number objects, measured against a folder of true ones, matched by name.
 *
 * <p>No case is dropped silently: a true label image without a readable prediction counts as predicted without an object, and
 * what could not be compared at all is a problem.
 *
 * @param matches by the images' names
 * @param notes predictions without a true label image, and what isn't read as it is stored
 * @param problems one sentence for each file that is missing, unreadable or doesn't fit
 */
public record ObjectFolderEvaluation(Map<String, ObjectMatch> matches, List<String> notes, List<String> problems) {
    private static final int LOOKED_AT = 6;

    /**
     * Whether the values of the masks in a folder seem to number objects, and no {@code dataset.json} declares what they are.
     *
     * @throws AttunetException if no mask is in it
     */
    public static boolean looksLikeObjects(Path folder) {
        if (!Files.isDirectory(folder) || DataSets.declaredLabels(folder) != null) {
            return false;
        }
        List<Mask> masks = List.copyOf(DataSets.masksByImage(folder).values());
        List<ObjectMap> maps = new ArrayList<>();
        int looked = Math.min(masks.size(), LOOKED_AT);
        for (int k = 0; k < looked; k++) {
            Mask mask = masks.get((int) ((long) k * masks.size() / looked));
            if (mask.files().size() > 1 || !WholeNumbers.isReadable(mask.firstFile())) {
                return false;
            }
            try {
                WholeNumbers numbers = WholeNumbers.read(mask.firstFile());
                maps.add(new ObjectMap(numbers.grid(), numbers.values()));
            } catch (AttunetException e) {
                return false; // which masks of classes may hold
            }
        }
        return ObjectFiles.looksLikeObjects(maps);
    }

    /**
     * Compares two folders.
     *
     * @param ignored the value of true voxels without a judgement; {@link LabelMap#NONE} for none
     * @throws AttunetException if a folder is missing or no case can be compared
     */
    public static ObjectFolderEvaluation of(Path truth, Path prediction, int ignored, ProgressListener progress) {
        Map<String, Mask> truths = new TreeMap<>(DataSets.masksByImage(truth));
        Map<String, Mask> predictions = new TreeMap<>(DataSets.masksByImage(prediction));
        if (truths.keySet().stream().noneMatch(predictions::containsKey)) {
            throw new AttunetException(
                    prediction,
                    "none of its label images has the name of a true one, such as "
                            + truths.values().iterator().next().firstFile().getFileName(),
                    "label images named after the same images",
                    "rename them, or give the folder of the predictions of these images");
        }
        List<String> notes = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, ObjectMatch> matches = new LinkedHashMap<>();
        int done = 0;
        for (Map.Entry<String, Mask> one : truths.entrySet()) {
            String name = one.getKey();
            Mask mask = one.getValue().ignoring(ignored);
            try {
                matches.put(name, match(name, mask, predictions.get(name), notes, problems));
            } catch (AttunetException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
            progress.at(++done, truths.size());
        }
        if (matches.isEmpty()) {
            throw new AttunetException(
                    truth,
                    "no label image could be compared; the first: " + problems.get(0),
                    "at least one pair",
                    "correct it");
        }
        var unmatched = new TreeSet<>(predictions.keySet());
        unmatched.removeAll(truths.keySet());
        if (!unmatched.isEmpty()) {
            notes.add("left out, as " + truth + " has no label image of these names: " + String.join(", ", unmatched));
        }
        return new ObjectFolderEvaluation(matches, notes, problems);
    }

    private static ObjectMatch match(
            String name, Mask mask, @Nullable Mask predicted, List<String> notes, List<String> problems) {
        Path file = mask.firstFile();
        Grid grid = WholeNumbers.readGrid(file);
        AnnotatedObjects truth = objects(mask).readObjects(file, grid);
        truth.notes().forEach(note -> notes.add(file.getFileName() + ": " + note));
        ObjectMap found = new ObjectMap(grid, new int[grid.voxels()]);
        if (predicted == null) {
            problems.add(file + ": no prediction of this name; it counts as predicted without an object");
        } else {
            try {
                found = objects(predicted).readObjects(file, grid).objects();
            } catch (AttunetException e) {
                problems.add(
                        predicted.firstFile() + ": it counts as predicted without an object (" + e.getMessage() + ")");
            }
        }
        return ObjectScore.of(name, truth, found);
    }

    /** The mask's files as objects: one label image, or a mask for each object. */
    private static Mask objects(Mask mask) {
        ObjectSource source = mask.files().size() == 1 ? new LabelImage(mask.firstFile()) : new MaskFiles(mask.files());
        return Mask.of(source).ignoring(mask.ignored());
    }
}
