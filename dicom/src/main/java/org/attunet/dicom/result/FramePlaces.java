package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;

/**
 * Where the frames of a file lie among the slices of a series: by their positions, or by the images that they were made of.
 *
 * <p>Voxels are those of a {@link SliceStack}.
 */
final class FramePlaces {
    private final DicomFile file;
    private final Series series;
    private final SliceStack stack;
    private final boolean sameFrame;
    private final Map<ImageReference, Integer> slices;
    private final Set<String> notes = new LinkedHashSet<>();

    FramePlaces(DicomFile file, SliceStack stack) {
        this.file = file;
        this.stack = stack;
        series = stack.series();
        String own = file.elements().text(ResultTag.FRAME_OF_REFERENCE_UID);
        String other = series.elements().text(ResultTag.FRAME_OF_REFERENCE_UID);
        sameFrame = own.isEmpty() || other.isEmpty() || own.equals(other);
        slices = ImageReference.places(series);
    }

    /**
     * Returns a frame's place.
     *
     * @param index of the frame, from 0
     * @throws AttunetException if its pixels aren't those of slices
     */
    FramePlace of(SegmentFrame frame, int index) {
        Plane plane = frame.plane();
        return plane != null && sameFrame && !series.isPicture() ? byPosition(plane, index) : byImage(frame, index);
    }

    private FramePlace byPosition(Plane plane, int index) {
        for (int k = 0; k < series.size(); k++) {
            if (FramePlace.same(plane, series.slices().get(k).plane(), stack.gap())) {
                return FramePlace.ofSlice(stack.grid(), k);
            }
        }
        if (!stack.even() && FramePlace.parallel(plane, series.slices().get(0).plane())) {
            return FramePlace.OUTSIDE; // of a slice that is missing
        }
        FramePlace place = stack.even() ? FramePlace.of(plane, stack.grid()) : null;
        if (place == null) {
            double[] at = plane.position();
            throw elsewhere(
                    index,
                    plane.columns() + " x " + plane.rows() + " pixels of " + (float) plane.columnSpacing() + " x "
                            + (float) plane.rowSpacing() + " mm at (" + (float) at[0] + ", " + (float) at[1] + ", "
                            + (float) at[2] + ")");
        }
        if (!place.upright()) {
            notes.add("its rows or columns run otherwise than those of the images; it was placed by its positions");
        }
        return place;
    }

    private FramePlace byImage(SegmentFrame frame, int index) {
        Integer slice = frame.sources().size() == 1 ? slices.get(frame.sources().get(0)) : null;
        int columns = file.elements().integer(Tag.COLUMNS, 0);
        int rows = file.elements().integer(Tag.ROWS, 0);
        if (slice == null
                || columns != stack.grid().size(0)
                || rows != stack.grid().size(1)) {
            throw elsewhere(
                    index,
                    columns + " x " + rows + " pixels "
                            + (frame.plane() == null ? "without a position" : "in another frame of reference")
                            + (slice == null ? ", of no image of the series" : ""));
        }
        if (!series.isPicture()) {
            notes.add((frame.plane() == null ? "it has no positions" : "its frame of reference isn't the series'")
                    + "; it was placed by the images that it names");
        }
        return FramePlace.ofSlice(stack.grid(), slice);
    }

    private AttunetException elsewhere(int index, String found) {
        return new AttunetException(
                file.path(),
                "frame " + (index + 1) + " with " + found,
                "pixels that are voxels of the series, " + series.grid(),
                "give the series that was segmented, or resample the mask by another program");
    }

    List<String> notes() {
        return new ArrayList<>(notes);
    }
}
