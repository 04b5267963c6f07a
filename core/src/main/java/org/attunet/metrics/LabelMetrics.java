package org.attunet.metrics;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How well one label of one case was found. With P the predicted and T the true voxels:
 *
 * <ul>
 *   <li>both empty: {@link #undefined()}, every measure null, left out of means and counted;
 *   <li>one of them empty: {@link #failed()}, Dice and IoU 0, distances null and counted as a failure.
 * </ul>
 *
 * @param truePositives voxels in P and T
 * @param falsePositives voxels in P only
 * @param falseNegatives voxels in T only
 * @param dice 2 |P and T| / (|P| + |T|), 0 to 1
 * @param iou |P and T| / |P or T|, 0 to 1
 * @param precision |P and T| / |P|; null where P is empty
 * @param recall |P and T| / |T|; null where T is empty
 * @param hdMm the Hausdorff distance of the surfaces
 * @param hd95Mm the larger of the two directed 95th percentiles of the surface distances
 * @param assdMm the mean of the surface distances both ways together
 * @param nsd the share of both surfaces within the tolerance of the other one, 0 to 1
 * @param volumeDifferenceMl |P| - |T| in millilitres; an image of two dimensions counts as a slice of 1 mm
 * @param toleranceMm the tolerance of {@code nsd}
 */
public record LabelMetrics(
        long truePositives,
        long falsePositives,
        long falseNegatives,
        @Nullable Double dice,
        @Nullable Double iou,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double hdMm,
        @Nullable Double hd95Mm,
        @Nullable Double assdMm,
        @Nullable Double nsd,
        @Nullable Double volumeDifferenceMl,
        double toleranceMm)
        implements Serializable {

    /** The measures that follow from counts alone; distances are null. */
    public static LabelMetrics ofCounts(long tp, long fp, long fn, double voxelMl, double toleranceMm) {
        boolean undefined = tp + fp + fn == 0;
        return new LabelMetrics(
                tp,
                fp,
                fn,
                ratio(2 * tp, 2 * tp + fp + fn),
                ratio(tp, tp + fp + fn),
                ratio(tp, tp + fp),
                ratio(tp, tp + fn),
                null,
                null,
                null,
                null,
                undefined ? null : Double.valueOf((fp - fn) * voxelMl),
                toleranceMm);
    }

    /** A copy with the distances of the surfaces. */
    LabelMetrics withDistances(SurfaceDistances distances) {
        return new LabelMetrics(
                truePositives,
                falsePositives,
                falseNegatives,
                dice,
                iou,
                precision,
                recall,
                distances.hausdorff(),
                distances.hausdorff(95),
                distances.average(),
                distances.within(toleranceMm),
                volumeDifferenceMl,
                toleranceMm);
    }

    /** Whether the label is in neither mask, so that there is nothing to measure. */
    public boolean undefined() {
        return truePositives + falsePositives + falseNegatives == 0;
    }

    /** Whether the label is in one mask only: missed, or found where there is none. */
    public boolean failed() {
        boolean predicted = truePositives + falsePositives > 0;
        boolean present = truePositives + falseNegatives > 0;
        return predicted != present;
    }

    static @Nullable Double ratio(long part, long whole) {
        return whole == 0 ? null : Double.valueOf((double) part / whole);
    }
}
