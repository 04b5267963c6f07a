package org.attunet.predict;

import java.util.Set;
import org.attunet.io.SeriesResult;

/**
 * The forms in which results are written.
 *
 * @param outlines whether to write outlines as GeoJSON beside each mask
 * @param series the forms for DICOM images; other images' masks have the image's own kind of format
 */
public record ResultOptions(boolean outlines, Set<SeriesResult.Kind> series) {
    /** Masks alone; of DICOM images as DICOM SEG. */
    public static final ResultOptions DEFAULT = new ResultOptions(false, Set.of(SeriesResult.Kind.SEG));

    /**
     * Copies the set.
     *
     * @param outlines whether to write outlines as GeoJSON beside each mask
     * @param series the forms for DICOM images; other images' masks have the image's own kind of format
     */
    public ResultOptions {
        series = Set.copyOf(series);
    }

    /**
     * {@return the same with or without outlines}
     *
     * @param wanted whether to write outlines
     */
    public ResultOptions withOutlines(boolean wanted) {
        return new ResultOptions(wanted, series);
    }
}
