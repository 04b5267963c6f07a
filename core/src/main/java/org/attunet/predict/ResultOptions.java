package org.attunet.predict;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.attunet.io.SeriesResult;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which results are written.
 *
 * @param outlines whether to write outlines as GeoJSON beside each mask
 * @param overlays whether to write the image with the labels over it as PNG beside each mask, of volumes several slices
 * @param series the forms for DICOM images; other images' masks have the image's own kind of format
 * @param codes of labels for DICOM, in place of the model's own; null for those
 * @param objects whether to write objects, each with a number of its own, in place of masks
 * @param rois whether to write the outlines of objects as selections for ImageJ beside each label image
 */
public record ResultOptions(
        boolean outlines,
        boolean overlays,
        Set<SeriesResult.Kind> series,
        @Nullable ObjectNode codes,
        boolean objects,
        boolean rois) {
    /** Masks alone; of DICOM images as DICOM SEG. */
    public static final ResultOptions DEFAULT =
            new ResultOptions(false, false, Set.of(SeriesResult.Kind.SEG), null, false, false);

    /** Objects with their table. */
    public static final ResultOptions OBJECTS = DEFAULT.withObjects(true, false);

    /**
     * Copies the set.
     *
     * @param outlines whether to write outlines as GeoJSON beside each mask
     * @param overlays whether to write the image with the labels over it as PNG beside each mask
     * @param series the forms for DICOM images; other images' masks have the image's own kind of format
     * @param codes of labels for DICOM, in place of the model's own; null for those
     * @param objects whether to write objects, each with a number of its own, in place of masks
     * @param rois whether to write the outlines of objects as selections for ImageJ beside each label image
     */
    public ResultOptions {
        series = Set.copyOf(series);
    }

    /**
     * Masks in chosen forms.
     *
     * @param outlines whether to write outlines as GeoJSON beside each mask
     * @param overlays whether to write the image with the labels over it as PNG beside each mask
     * @param series the forms for DICOM images; other images' masks have the image's own kind of format
     * @param codes of labels for DICOM, in place of the model's own; null for those
     */
    public ResultOptions(
            boolean outlines, boolean overlays, Set<SeriesResult.Kind> series, @Nullable ObjectNode codes) {
        this(outlines, overlays, series, codes, false, false);
    }

    /**
     * {@return a copy with objects in place of masks, or masks again}
     *
     * @param other whether to write objects
     * @param selections whether to write them as selections for ImageJ too
     */
    public ResultOptions withObjects(boolean other, boolean selections) {
        return new ResultOptions(outlines, overlays, series, codes, other, selections);
    }
}
