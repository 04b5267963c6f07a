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
 */
public record ResultOptions(
        boolean outlines,
        boolean overlays,
        Set<SeriesResult.Kind> series,
        @Nullable ObjectNode codes) {
    /** Masks alone; of DICOM images as DICOM SEG. */
    public static final ResultOptions DEFAULT = new ResultOptions(false, false, Set.of(SeriesResult.Kind.SEG), null);

    /**
     * Copies the set.
     *
     * @param outlines whether to write outlines as GeoJSON beside each mask
     * @param overlays whether to write the image with the labels over it as PNG beside each mask
     * @param series the forms for DICOM images; other images' masks have the image's own kind of format
     * @param codes of labels for DICOM, in place of the model's own; null for those
     */
    public ResultOptions {
        series = Set.copyOf(series);
    }
}
