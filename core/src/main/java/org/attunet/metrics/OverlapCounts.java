package org.attunet.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * The true positives, false positives and false negatives of each label of two masks, counted in one pass: for validation
 * during training, in which distances would be too slow.
 *
 * <p>Immutable.
 */
public final class OverlapCounts {
    private final LabelSet labels;
    private final int classes;
    private final long[] voxels; // of each class the voxels in both masks, in the truth only, in the prediction only
    private final int[][]
            boxes; // of each class over both masks: least x, y, z, then greatest; empty if least > greatest

    private OverlapCounts(LabelSet labels, long[] voxels) {
        this.labels = labels;
        this.voxels = voxels;
        classes = labels.classes();
        boxes = new int[classes][];
        for (int k = 0; k < classes; k++) {
            int most = Integer.MAX_VALUE;
            boxes[k] = new int[] {most, most, most, -1, -1, -1};
        }
    }

    /**
     * Counts over two masks of one size, in the voxels that the truth judges.
     *
     * @param truth the reference mask
     * @param prediction the mask to measure
     * @param labels the labels to count
     * @return the counts
     * @throws AttunetException if the sizes differ or a mask holds an undeclared label
     */
    public static OverlapCounts of(LabelMap truth, LabelMap prediction, LabelSet labels) {
        return of("masks", truth, prediction, labels);
    }

    static OverlapCounts of(String caseName, LabelMap truth, LabelMap prediction, LabelSet labels) {
        Grid grid = truth.grid();
        if (!Arrays.equals(grid.size(), prediction.grid().size())) {
            throw new AttunetException(
                    caseName,
                    "the prediction has " + prediction.grid(),
                    "the truth's grid, " + grid,
                    "predict on the image that the truth was drawn on, or resample the prediction to it");
        }
        OverlapCounts counts = new OverlapCounts(labels, new long[3 * labels.classes()]);
        int[] ofValue = labels.hasRegions() ? labels.membership() : classByValue(labels);
        short[] t = truth.voxels();
        short[] p = prediction.voxels();
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                for (int x = 0; x < grid.size(0); x++, i++) {
                    if ((t[i] | p[i]) != 0 && truth.isJudged(i)) {
                        int a = ofValue[Short.toUnsignedInt(t[i])];
                        int b = ofValue[Short.toUnsignedInt(p[i])];
                        if (a < 0 || b < 0) {
                            throw undeclared(caseName, a < 0 ? "truth" : "prediction", (a < 0 ? t : p)[i], labels);
                        }
                        if (labels.hasRegions()) {
                            counts.addRegions(a, b, x, y, z);
                        } else {
                            counts.add(a, b, x, y, z);
                        }
                    }
                }
            }
        }
        return counts;
    }

    /**
     * {@return the counts for another process: of each class the voxels in both masks, in the truth only, in the prediction
     * only}
     */
    public long[] voxels() {
        return voxels.clone();
    }

    /**
     * Counts from {@link #voxels}, without the labels' positions.
     *
     * @param labels the labels that were counted
     * @param voxels as {@link #voxels} returns them
     * @return the counts
     */
    public static OverlapCounts ofVoxels(LabelSet labels, long[] voxels) {
        if (voxels.length != 3 * labels.classes()) {
            throw new IllegalArgumentException(voxels.length + " counts for " + labels.classes() + " classes");
        }
        return new OverlapCounts(labels, voxels.clone());
    }

    private static AttunetException undeclared(String caseName, String which, short value, LabelSet labels) {
        return new AttunetException(
                caseName,
                "the " + which + " holds the label " + Short.toUnsignedInt(value),
                "the declared labels only: 0 background, " + labels,
                "declare the label, or correct the mask");
    }

    private static int[] classByValue(LabelSet labels) {
        int[] classOf = new int[1 << 16];
        Arrays.fill(classOf, -1);
        for (int k = 0; k < labels.classes(); k++) {
            classOf[labels.valueOf(k)] = k;
        }
        return classOf;
    }

    private void add(int truth, int prediction, int x, int y, int z) {
        if (truth == prediction) {
            voxels[truth]++;
        } else {
            voxels[classes + truth]++;
            voxels[2 * classes + prediction]++;
            extend(boxes[prediction], x, y, z);
        }
        extend(boxes[truth], x, y, z);
    }

    /** Adds a voxel by the bits of the regions that it is in. */
    private void addRegions(int truth, int prediction, int x, int y, int z) {
        for (int k = 1; k < classes; k++) {
            int both = (truth >> (k - 1) & 1) + 2 * (prediction >> (k - 1) & 1);
            if (both > 0) {
                voxels[(both == 3 ? 0 : both) * classes + k]++;
                extend(boxes[k], x, y, z);
            }
        }
    }

    private static void extend(int[] box, int x, int y, int z) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.min(box[2], z);
        box[3] = Math.max(box[3], x);
        box[4] = Math.max(box[4], y);
        box[5] = Math.max(box[5], z);
    }

    int[] box(int label) {
        return boxes[classOf(label)];
    }

    /**
     * {@return the voxels of a label in both masks}
     *
     * @param label the value of the label
     */
    public long truePositives(int label) {
        return voxels[classOf(label)];
    }

    /**
     * {@return the voxels of a label in the prediction only}
     *
     * @param label the value of the label
     */
    public long falsePositives(int label) {
        return voxels[2 * classes + classOf(label)];
    }

    /**
     * {@return the voxels of a label in the truth only}
     *
     * @param label the value of the label
     */
    public long falseNegatives(int label) {
        return voxels[classes + classOf(label)];
    }

    /**
     * {@return the Dice of a label, from 0 to 1; null if neither mask has it}
     *
     * @param label the value of the label
     */
    public @Nullable Double dice(int label) {
        long both = 2 * truePositives(label);
        long all = both + falsePositives(label) + falseNegatives(label);
        return all == 0 ? null : Double.valueOf((double) both / all);
    }

    /** {@return the Dice of each label that is in one of the masks, by the label's value} */
    public Map<Integer, Double> dice() {
        var map = new TreeMap<Integer, Double>();
        for (int label : labels.values()) {
            Double dice = dice(label);
            if (dice != null) {
                map.put(label, dice);
            }
        }
        return map;
    }

    /**
     * {@return the mean over labels of the mean Dice over the cases in which the label is defined, as {@link
     * Summary#meanDice}; NaN if there is none}
     *
     * @param cases the results of the cases
     */
    public static double meanDice(List<OverlapCounts> cases) {
        var sums = new TreeMap<Integer, double[]>();
        for (OverlapCounts counts : cases) {
            counts.dice().forEach((label, dice) -> {
                double[] sum = sums.computeIfAbsent(label, l -> new double[2]);
                sum[0] += dice;
                sum[1]++;
            });
        }
        return sums.values().stream()
                .mapToDouble(sum -> sum[0] / sum[1])
                .average()
                .orElse(Double.NaN);
    }

    private int classOf(int label) {
        int k = labels.classOf(label);
        if (k < 1) {
            throw new AttunetException("labels", "label " + label, "one of " + labels, "ask for a declared label");
        }
        return k;
    }
}
