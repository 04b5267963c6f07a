package org.attunet.metrics;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The metrics of a predicted mask P against the true mask T; distances are between the masks' surfaces. Lengths and sizes
 * are in physical units, or in pixels of images without a physical size.
 */
public enum Metric {
    /** 2 |P and T| / (|P| + |T|), from 0 to 1. */
    DICE("dice", "Dice"),
    /** |P and T| / |P or T|, from 0 to 1. */
    IOU("iou", "IoU"),
    /** |P and T| / |P|; undefined if P is empty. */
    PRECISION("precision", "precision"),
    /** |P and T| / |T|; undefined if T is empty. */
    RECALL("recall", "recall"),
    /** The Hausdorff distance in mm. */
    HD("hd_mm", "HD mm"),
    /** The larger of the two directed 95th percentiles of the surface distances in mm. */
    HD95("hd95_mm", "HD95 mm"),
    /** The average symmetric surface distance in mm: the mean over both surfaces' voxels. */
    ASSD("assd_mm", "ASSD mm"),
    /** Normalised surface Dice: the share of both surfaces within a tolerance of the other one, from 0 to 1. */
    NSD("nsd", "NSD"),
    /** |P| - |T| of a volume in millilitres. */
    VOLUME_DIFFERENCE("volume_difference_ml", "volume ml"),
    /** |P| - |T| of a 2D image in mm². */
    AREA_DIFFERENCE("area_difference_mm2", "area mm²"),
    /** {@link #HD} in pixels. */
    HD_PX("hd_px", "HD px"),
    /** {@link #HD95} in pixels. */
    HD95_PX("hd95_px", "HD95 px"),
    /** {@link #ASSD} in pixels. */
    ASSD_PX("assd_px", "ASSD px"),
    /** |P| - |T| in pixels or voxels. */
    SIZE_DIFFERENCE_PX("size_difference_px", "size px");

    private final String key;
    private final String title;

    Metric(String key, String title) {
        this.key = key;
        this.title = title;
    }

    /**
     * {@return the metrics that a table of these cases shows: those without a unit, and those in a unit that a case has}
     *
     * @param cases the results of the cases
     */
    public static List<Metric> shownFor(Collection<CaseResult> cases) {
        return Arrays.stream(values())
                .filter(metric -> !metric.title.contains(" ")
                        || cases.stream()
                                .flatMap(one -> one.labels().values().stream())
                                .anyMatch(metrics -> metrics.value(metric) != null))
                .toList();
    }

    /** {@return the name in JSON and CSV} */
    public String key() {
        return key;
    }

    /** {@return the name in tables for people, with the unit} */
    public String title() {
        return title;
    }
}
