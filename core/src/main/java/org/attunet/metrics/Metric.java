package org.attunet.metrics;

/** The metrics of a predicted mask P against the true mask T; distances are between the masks' surfaces. */
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
    /** |P| - |T| in millilitres; a 2D image counts as a slice of 1 mm. */
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
}
