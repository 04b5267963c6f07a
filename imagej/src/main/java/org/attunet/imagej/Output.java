package org.attunet.imagej;

import java.util.Locale;

/** A result of a segmentation in ImageJ, by its option's name in macros. */
enum Output {
    LABELS("Labels (the mask as an image)"),
    OVERLAY("Overlay (outlines on the image)"),
    ROIS("ROIs (outlines in the ROI Manager)"),
    TABLE("Table (area or volume of each label)"),
    OBJECTS("Objects (a table of the single objects)"),
    PROBABILITIES("Probabilities (as an image)"),
    ATTENTION("Attention (as an image, and as heat on this one)");

    private final String title;

    Output(String title) {
        this.title = title;
    }

    /** The text beside the checkbox, whose first word ImageJ records. */
    String title() {
        return title;
    }

    /** The option in macros. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
