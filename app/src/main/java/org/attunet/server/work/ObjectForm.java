package org.attunet.server.work;

/** A file about the objects in an image. */
public enum ObjectForm {
    /** The label image whose values are the objects' numbers: {@code objects.png}, {@code .tif} or {@code .nii.gz}. */
    LABELS,
    /** The table {@code objects.csv}. */
    TABLE,
    /** QuPath's {@code objects.geojson}; of pictures and slices. */
    GEOJSON,
    /** ImageJ's selections {@code objects.zip}; of pictures and slices. */
    ROIS;

    /** Whether the file holds outlines, which volumes don't have. */
    boolean outlines() {
        return this == GEOJSON || this == ROIS;
    }
}
