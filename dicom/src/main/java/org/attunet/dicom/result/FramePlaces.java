package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.result.SegmentFrame.Reference;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/** Where the frames of a file lie on the grid of a series: by their positions, or by the images that they were made of. */
final class FramePlaces {
    private final DicomFile file;
    private final Grid grid;
    private final boolean sameFrame;
    private final Map<Reference, Integer> slices = new HashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();

    FramePlaces(DicomFile file, Series series, Grid grid) {
        this.file = file;
        this.grid = grid;
        String own = file.elements().text(ResultTag.FRAME_OF_REFERENCE_UID);
        String other = series.slices().get(0).file().elements().text(ResultTag.FRAME_OF_REFERENCE_UID);
        sameFrame = own.isEmpty() || other.isEmpty() || own.equals(other);
        List<Planes.Source> planes = Planes.of(series, grid).all();
        for (int k = 0; k < planes.size(); k++) {
            if (planes.get(k).exact()) {
                Slice slice = planes.get(k).slices().get(0);
                slices.put(new Reference(slice.sopInstanceUid(), slice.frameNumber()), k);
            }
        }
    }

    /**
     * Returns a frame's place.
     *
     * @param index of the frame, from 0
     * @throws AttunetException if its pixels aren't voxels of the grid
     */
    FramePlace of(SegmentFrame frame, int index) {
        Plane plane = frame.plane();
        if (plane != null && sameFrame) {
            FramePlace place = FramePlace.of(plane, grid);
            if (place == null) {
                double[] at = plane.position();
                throw elsewhere(
                        index,
                        plane.columns() + " x " + plane.rows() + " pixels of " + (float) plane.columnSpacing() + " x "
                                + (float) plane.rowSpacing() + " mm at (" + (float) at[0] + ", " + (float) at[1] + ", "
                                + (float) at[2] + ")");
            }
            if (!place.upright()) {
                notes.add(
                        "the segmentation's rows or columns run otherwise than those of the images; it was placed by its"
                                + " positions");
            }
            return place;
        }
        Integer slice = frame.sources().size() == 1 ? slices.get(frame.sources().get(0)) : null;
        int columns = file.elements().integer(Tag.COLUMNS, 0);
        int rows = file.elements().integer(Tag.ROWS, 0);
        if (slice == null || columns != grid.size(0) || rows != grid.size(1)) {
            throw elsewhere(
                    index,
                    columns + " x " + rows + " pixels "
                            + (plane == null ? "without a position" : "in another frame of reference")
                            + (slice == null ? ", of no image of the series" : ""));
        }
        notes.add((plane == null
                        ? "the segmentation has no positions"
                        : "the segmentation's frame of reference isn't the series'")
                + "; it was placed by the images that it names");
        return FramePlace.ofSlice(grid, slice);
    }

    private AttunetException elsewhere(int index, String found) {
        return new AttunetException(
                file.path(),
                "frame " + (index + 1) + " with " + found,
                "pixels that are voxels of the series, " + grid,
                "give the series that was segmented, or resample the mask by another program");
    }

    List<String> notes() {
        return new ArrayList<>(notes);
    }
}
