package org.attunet.metrics;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.attunet.image.Grid;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one label in one case. With P the predicted and T the true voxels:
 *
 * <ul>
 *   <li>if both are empty, the case is {@link #undefined}: it has no values and is left out of means;
 *   <li>if one of them is empty, the case has {@link #failed}: Dice and IoU are 0, and there are no distances.
 * </ul>
 *
 * @param truePositives the number of voxels in P and T
 * @param falsePositives the number of voxels in P only
 * @param falseNegatives the number of voxels in T only
 * @param values the value of each metric that is defined
 * @param tolerance of {@link Metric#NSD}, in mm or pixels
 * @param physical whether lengths are in mm; otherwise they are in pixels
 * @serial exclude
 */
public record LabelMetrics(
        long truePositives,
        long falsePositives,
        long falseNegatives,
        Map<Metric, Double> values,
        double tolerance,
        boolean physical)
        implements Serializable {
    /**
     * Copies the components.
     *
     * @param truePositives the number of voxels in P and T
     * @param falsePositives the number of voxels in P only
     * @param falseNegatives the number of voxels in T only
     * @param values the value of each metric that is defined
     * @param tolerance of {@link Metric#NSD}, in mm or pixels
     * @param physical whether lengths are in mm; otherwise they are in pixels
     */
    public LabelMetrics {
        var copy = new EnumMap<Metric, Double>(Metric.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    /** The metrics that follow from counts alone, without distances; sizes are those of the grid's voxels. */
    static LabelMetrics ofCounts(long tp, long fp, long fn, Grid grid, double tolerance) {
        if (!grid.hasPhysicalSize()) {
            return ofCounts(tp, fp, fn, Metric.SIZE_DIFFERENCE_PX, 1, tolerance);
        }
        return grid.dimension() == 2
                ? ofCounts(tp, fp, fn, Metric.AREA_DIFFERENCE, grid.voxelVolume(), tolerance)
                : ofCounts(tp, fp, fn, grid.voxelVolume() / 1000, tolerance);
    }

    /**
     * {@return the same for a volume whose voxels have this many millilitres}
     *
     * @param tp true positive voxels
     * @param fp false positive voxels
     * @param fn false negative voxels
     * @param voxelMl the volume of a voxel in ml; NaN without a physical size
     * @param tolerance in mm
     */
    public static LabelMetrics ofCounts(long tp, long fp, long fn, double voxelMl, double tolerance) {
        return ofCounts(tp, fp, fn, Metric.VOLUME_DIFFERENCE, voxelMl, tolerance);
    }

    private static LabelMetrics ofCounts(
            long tp, long fp, long fn, Metric difference, double voxelSize, double tolerance) {
        var values = new EnumMap<Metric, Double>(Metric.class);
        putRatio(values, Metric.DICE, 2 * tp, 2 * tp + fp + fn);
        putRatio(values, Metric.IOU, tp, tp + fp + fn);
        putRatio(values, Metric.PRECISION, tp, tp + fp);
        putRatio(values, Metric.RECALL, tp, tp + fn);
        if (tp + fp + fn > 0) {
            values.put(difference, (fp - fn) * voxelSize);
        }
        return new LabelMetrics(tp, fp, fn, values, tolerance, difference != Metric.SIZE_DIFFERENCE_PX);
    }

    private static void putRatio(Map<Metric, Double> values, Metric metric, long part, long whole) {
        if (whole > 0) {
            values.put(metric, (double) part / whole);
        }
    }

    /** A copy with the surface distances. */
    LabelMetrics withDistances(SurfaceDistances distances) {
        var all = new EnumMap<Metric, Double>(Metric.class);
        all.putAll(values);
        all.put(physical ? Metric.HD : Metric.HD_PX, distances.hausdorff());
        all.put(physical ? Metric.HD95 : Metric.HD95_PX, distances.hausdorff(95));
        all.put(physical ? Metric.ASSD : Metric.ASSD_PX, distances.average());
        all.put(Metric.NSD, distances.within(tolerance));
        return new LabelMetrics(truePositives, falsePositives, falseNegatives, all, tolerance, physical);
    }

    /**
     * {@return the value of a metric; null if it is not defined}
     *
     * @param metric the measure
     */
    public @Nullable Double value(Metric metric) {
        return values.get(metric);
    }

    /** {@return whether neither mask has the label, so that there is nothing to measure} */
    public boolean undefined() {
        return truePositives + falsePositives + falseNegatives == 0;
    }

    /** {@return whether only one mask has the label: it was missed, or predicted where there is none} */
    public boolean failed() {
        boolean predicted = truePositives + falsePositives > 0;
        boolean present = truePositives + falseNegatives > 0;
        return predicted != present;
    }

    /** {@return the status in tables: ok, failed or undefined} */
    public String status() {
        return undefined() ? "undefined" : failed() ? "failed" : "ok";
    }
}
