package org.attunet.dicom.result;

import java.util.HashMap;
import java.util.Map;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;

/**
 * An image as results name it.
 *
 * @param instance its SOP Instance UID
 * @param frame its number in the file, from 1
 */
record ImageReference(String instance, int frame) {
    /** Returns where each image of a series is among its slices. */
    static Map<ImageReference, Integer> places(Series series) {
        Map<ImageReference, Integer> places = new HashMap<>();
        for (int k = 0; k < series.size(); k++) {
            Slice slice = series.slices().get(k);
            places.put(new ImageReference(slice.sopInstanceUid(), slice.frameNumber()), k);
        }
        return places;
    }
}
