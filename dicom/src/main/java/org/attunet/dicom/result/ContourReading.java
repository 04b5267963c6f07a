package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.error.AttunetException;

/** The contours of a structure set; those that enclose nothing are left out, with a note. */
final class ContourReading {
    private static final Set<String> CLOSED = Set.of("CLOSED_PLANAR", "CLOSEDPLANAR_XOR");

    private final DicomFile file;
    private final List<Contour> contours = new ArrayList<>();
    private final Map<String, Integer> left = new TreeMap<>(); // how many of other types

    /** @param places of the regions in the file's order, from 1, by their numbers */
    ContourReading(DicomFile file, Map<Integer, Integer> places) {
        this.file = file;
        for (DataSet region : file.elements().items(ContourTag.ROI_CONTOUR_SEQUENCE)) {
            int number = region.integer(ContourTag.REFERENCED_ROI_NUMBER, 0);
            Integer place = places.get(number);
            if (place == null) {
                throw damaged(
                        "contours of region " + number + ", which isn't described", "a description of each region");
            }
            for (DataSet item : region.items(ContourTag.CONTOUR_SEQUENCE)) {
                add(place, item);
            }
        }
    }

    private void add(int region, DataSet item) {
        String type = item.text(ContourTag.CONTOUR_GEOMETRIC_TYPE);
        double[] points = item.numbers(ContourTag.CONTOUR_DATA);
        if (points.length % 3 != 0) {
            throw damaged("a contour of " + points.length + " numbers", "three for each point");
        }
        for (double number : points) {
            if (!Double.isFinite(number)) {
                throw damaged("a contour with the number " + number, "finite numbers");
            }
        }
        if (!CLOSED.contains(type) || points.length < 9) {
            left.merge(CLOSED.contains(type) ? "of fewer than three points" : "of the type " + type, 1, Integer::sum);
            return;
        }
        List<DataSet> images = item.items(ContourTag.CONTOUR_IMAGE_SEQUENCE);
        DataSet image = images.isEmpty() ? new DataSet() : images.get(0);
        contours.add(new Contour(
                region,
                new ImageReference(
                        image.text(ResultTag.REFERENCED_SOP_INSTANCE_UID),
                        image.integer(ResultTag.REFERENCED_FRAME_NUMBER, 1)),
                points));
    }

    private AttunetException damaged(String found, String expected) {
        return new AttunetException(file.path(), found, expected, "export the structure set again");
    }

    List<Contour> contours() {
        return contours;
    }

    List<String> notes() {
        List<String> notes = new ArrayList<>();
        left.forEach((type, count) -> notes.add(count + (count == 1 ? " contour " : " contours ") + type
                + (count == 1 ? " is" : " are") + " left out"));
        return notes;
    }
}
