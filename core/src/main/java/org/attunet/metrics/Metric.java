package org.attunet.metrics;

import org.jspecify.annotations.Nullable;

/** The measures that are tabulated and summarised. */
public enum Metric {
    /** {@link LabelMetrics#dice}. */
    DICE("dice", "Dice"),
    /** {@link LabelMetrics#iou}. */
    IOU("iou", "IoU"),
    /** {@link LabelMetrics#precision}. */
    PRECISION("precision", "precision"),
    /** {@link LabelMetrics#recall}. */
    RECALL("recall", "recall"),
    /** {@link LabelMetrics#hdMm}. */
    HD("hd_mm", "HD mm"),
    /** {@link LabelMetrics#hd95Mm}. */
    HD95("hd95_mm", "HD95 mm"),
    /** {@link LabelMetrics#assdMm}. */
    ASSD("assd_mm", "ASSD mm"),
    /** {@link LabelMetrics#nsd}. */
    NSD("nsd", "NSD"),
    /** {@link LabelMetrics#volumeDifferenceMl}. */
    VOLUME_DIFFERENCE("volume_difference_ml", "volume ml");

    private final String key;
    private final String title;

    Metric(String key, String title) {
        this.key = key;
        this.title = title;
    }

    /** The name in JSON and CSV. */
    public String key() {
        return key;
    }

    /** The name in tables for people, with the unit. */
    public String title() {
        return title;
    }

    /** The value, null where it is not defined. */
    public @Nullable Double of(LabelMetrics metrics) {
        return switch (this) {
            case DICE -> metrics.dice();
            case IOU -> metrics.iou();
            case PRECISION -> metrics.precision();
            case RECALL -> metrics.recall();
            case HD -> metrics.hdMm();
            case HD95 -> metrics.hd95Mm();
            case ASSD -> metrics.assdMm();
            case NSD -> metrics.nsd();
            case VOLUME_DIFFERENCE -> metrics.volumeDifferenceMl();
        };
    }
}
