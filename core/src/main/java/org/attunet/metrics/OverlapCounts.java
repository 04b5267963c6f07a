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
 * How many voxels of each label two masks share and how many only one of them has: one pass over the voxels, for
 * validation during training, where distances would cost too much.
 *
 * <p>Immutable.
 */
public final class OverlapCounts {
    private final LabelSet labels;
    private final long[] both;
    private final long[] truthOnly;
    private final long[] predictionOnly;

    /** For each class the box that holds it in both masks: least x, y, z, then greatest; empty where least > greatest. */
    private final int[][] boxes;

    private OverlapCounts(LabelSet labels) {
        int classes = labels.classes();
        this.labels = labels;
        both = new long[classes];
        truthOnly = new long[classes];
        predictionOnly = new long[classes];
        boxes = new int[classes][];
        for (int k = 0; k < classes; k++) {
            int most = Integer.MAX_VALUE;
            boxes[k] = new int[] {most, most, most, -1, -1, -1};
        }
    }

    /**
     * Counts over two masks of one size.
     *
     * @throws AttunetException where the sizes differ or a mask holds a value that the labels don't declare
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
        OverlapCounts counts = new OverlapCounts(labels);
        int[] classOf = counts.classes();
        short[] t = truth.voxels();
        short[] p = prediction.voxels();
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                for (int x = 0; x < grid.size(0); x++, i++) {
                    if ((t[i] | p[i]) != 0) {
                        int a = classOf[Short.toUnsignedInt(t[i])];
                        int b = classOf[Short.toUnsignedInt(p[i])];
                        if (a < 0 || b < 0) {
                            throw undeclared(caseName, a < 0 ? "truth" : "prediction", (a < 0 ? t : p)[i], labels);
                        }
                        counts.add(a, b, x, y, z);
                    }
                }
            }
        }
        return counts;
    }

    /** The counts alone, for another process: of each class the voxels in both masks, in the truth only, in the other only. */
    public long[] voxels() {
        int classes = labels.classes();
        long[] voxels = Arrays.copyOf(both, 3 * classes);
        System.arraycopy(truthOnly, 0, voxels, classes, classes);
        System.arraycopy(predictionOnly, 0, voxels, 2 * classes, classes);
        return voxels;
    }

    /** Counts that {@link #voxels} gave; where the labels lie is not known of them. */
    public static OverlapCounts ofVoxels(LabelSet labels, long[] voxels) {
        int classes = labels.classes();
        if (voxels.length != 3 * classes) {
            throw new IllegalArgumentException(voxels.length + " counts for " + classes + " classes");
        }
        OverlapCounts counts = new OverlapCounts(labels);
        System.arraycopy(voxels, 0, counts.both, 0, classes);
        System.arraycopy(voxels, classes, counts.truthOnly, 0, classes);
        System.arraycopy(voxels, 2 * classes, counts.predictionOnly, 0, classes);
        return counts;
    }

    private static AttunetException undeclared(String caseName, String which, short value, LabelSet labels) {
        return new AttunetException(
                caseName,
                "the " + which + " holds the label " + Short.toUnsignedInt(value),
                "the declared labels only: 0 background, " + labels,
                "declare the label, or correct the mask");
    }

    private int[] classes() {
        int[] classOf = new int[1 << 16];
        Arrays.fill(classOf, -1);
        for (int k = 0; k < labels.classes(); k++) {
            classOf[labels.valueOf(k)] = k;
        }
        return classOf;
    }

    private void add(int truth, int prediction, int x, int y, int z) {
        if (truth == prediction) {
            both[truth]++;
        } else {
            truthOnly[truth]++;
            predictionOnly[prediction]++;
            extend(boxes[prediction], x, y, z);
        }
        extend(boxes[truth], x, y, z);
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

    /** Voxels of the label in both masks. */
    public long truePositives(int label) {
        return both[classOf(label)];
    }

    /** Voxels of the label in the prediction only. */
    public long falsePositives(int label) {
        return predictionOnly[classOf(label)];
    }

    /** Voxels of the label in the truth only. */
    public long falseNegatives(int label) {
        return truthOnly[classOf(label)];
    }

    /** The Dice of a label, 0 to 1; null where neither mask has it. */
    public @Nullable Double dice(int label) {
        long tp = truePositives(label);
        return LabelMetrics.ratio(2 * tp, 2 * tp + falsePositives(label) + falseNegatives(label));
    }

    /** The Dice of each label that is in one of the masks, by the label's value. */
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
     * The mean over labels of each label's mean Dice over the cases that define it, as {@link Summary#meanDice}; NaN
     * where no case defines any.
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
