package org.attunet.metrics;

import java.util.Locale;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Lattice;
import org.jspecify.annotations.Nullable;

/**
 * Compares a predicted mask with the true one. Lengths are those of the truth's grid, in mm or pixels.
 *
 * <p>Voxels that the truth leaves without a judgement count in no measure, whatever is predicted there. Surfaces are those
 * that judged voxels show: where a mask ends at an unjudged voxel it has none, and a label without such a surface has no
 * distances. A true surface hidden in unjudged voxels can make distances too large, never too small.
 */
public final class CaseComparison {
    private CaseComparison() {}

    /**
     * Computes all metrics of every label.
     *
     * @param caseName the case's name in the result and in errors
     * @param truth the reference mask
     * @param prediction the mask to measure
     * @param labels the labels
     * @param tolerance of the normalised surface Dice
     * @return the measures of each label
     * @throws AttunetException if the masks have different grids or one holds an undeclared label. Pictures without
     *     physical size fit any grid of their size
     */
    public static CaseResult compare(
            String caseName, LabelMap truth, LabelMap prediction, LabelSet labels, Tolerance tolerance) {
        OverlapCounts counts = OverlapCounts.of(caseName, truth, prediction, labels);
        requireSamePlace(caseName, truth.grid(), prediction.grid());
        var results = new TreeMap<Integer, LabelMetrics>();
        for (int label : labels.values()) {
            long tp = counts.truePositives(label);
            long fp = counts.falsePositives(label);
            long fn = counts.falseNegatives(label);
            LabelMetrics metrics = LabelMetrics.ofCounts(tp, fp, fn, truth.grid(), tolerance.on(truth.grid()));
            if (!metrics.undefined() && !metrics.failed()) {
                SurfaceDistances distances = distances(truth, prediction, labels.covered(label), counts.box(label));
                metrics = distances == null ? metrics : metrics.withDistances(distances);
            }
            results.put(label, metrics);
        }
        return new CaseResult(caseName, results);
    }

    private static void requireSamePlace(String caseName, Grid truth, Grid prediction) {
        if (truth.hasPhysicalSize() != prediction.hasPhysicalSize() || Lattice.equal(prediction, truth)) {
            return;
        }
        throw new AttunetException(
                caseName,
                String.format(
                        Locale.ROOT,
                        "the masks lie up to %.3g voxels apart in the world",
                        Lattice.displacement(prediction, truth)),
                "masks in the same place to a hundredth of a voxel",
                "predict on the image that the truth was drawn on, or resample the prediction to it");
    }

    /** The box may stand for the image because it contains both masks, and what isn't judged beside them. */
    private static @Nullable SurfaceDistances distances(
            LabelMap truth, LabelMap prediction, boolean[] wanted, int[] inner) {
        Grid grid = truth.grid();
        int[] box = inner.clone();
        for (int axis = 0; truth.ignored() != LabelMap.NONE && axis < 3; axis++) {
            box[axis] = Math.max(0, box[axis] - 1);
            box[axis + 3] = Math.min(grid.size(axis) - 1, box[axis + 3] + 1);
        }
        int[] size = {box[3] - box[0] + 1, box[4] - box[1] + 1, box[5] - box[2] + 1};
        double[] spacing = {grid.spacing(0), grid.spacing(1), grid.dimension() == 3 ? grid.spacing(2) : 1};
        boolean[] flat = {grid.size(0) == 1, grid.size(1) == 1, grid.size(2) == 1};
        if (flat[0] && flat[1] && flat[2]) {
            flat[0] = false;
        }
        boolean[] first = crop(truth, wanted, box, size);
        boolean[] second = crop(prediction, wanted, box, size);
        if (truth.ignored() == LabelMap.NONE) {
            return SurfaceDistances.between(first, second, size, spacing, flat);
        }
        boolean[] unjudged = new boolean[1 << 16];
        unjudged[truth.ignored()] = true;
        boolean[] ignored = crop(truth, unjudged, box, size);
        for (int i = 0; i < ignored.length; i++) {
            second[i] &= !ignored[i];
        }
        return SurfaceDistances.between(first, second, ignored, size, spacing, flat);
    }

    private static boolean[] crop(LabelMap labels, boolean[] wanted, int[] box, int[] size) {
        Grid grid = labels.grid();
        boolean[] mask = new boolean[size[0] * size[1] * size[2]];
        int next = 0;
        for (int z = box[2]; z <= box[5]; z++) {
            for (int y = box[1]; y <= box[4]; y++) {
                int row = grid.size(0) * (y + grid.size(1) * z);
                for (int x = box[0]; x <= box[3]; x++) {
                    mask[next++] = wanted[labels.label(row + x)];
                }
            }
        }
        return mask;
    }
}
