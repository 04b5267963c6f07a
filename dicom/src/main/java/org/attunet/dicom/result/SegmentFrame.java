package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Plane;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A frame of a segmentation: whose it is, where it lies and what it was made of.
 *
 * @param segment its segment's number; 0 in a {@link SegmentationType#LABELMAP}
 * @param plane where it lies; null if the file doesn't say
 * @param sources the images it was made of: the instance's identifier by the number of its frame
 */
record SegmentFrame(int segment, @Nullable Plane plane, List<ImageReference> sources) {

    /** Returns all frames of a segmentation. */
    static List<SegmentFrame> of(DicomFile file, SegmentationType type) {
        DataSet set = file.elements();
        int count = set.integer(Tag.NUMBER_OF_FRAMES, 1);
        List<DataSet> own = set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if (own.size() != count) {
            throw new AttunetException(
                    file.path(),
                    own.size() + " descriptions of " + count + " frames",
                    "as many as frames",
                    "export the segmentation again");
        }
        List<DataSet> shared = set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        List<SegmentFrame> frames = new ArrayList<>();
        for (DataSet group : own) {
            List<DataSet> groups = new ArrayList<>(List.of(group));
            groups.addAll(shared);
            int segment = type == SegmentationType.LABELMAP ? 0 : segment(file, groups);
            frames.add(new SegmentFrame(segment, plane(file, groups), sources(groups)));
        }
        return frames;
    }

    private static int segment(DicomFile file, List<DataSet> groups) {
        DataSet item = item(groups, ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE, ResultTag.REFERENCED_SEGMENT_NUMBER);
        if (item == null) {
            throw new AttunetException(
                    file.path(), "a frame of no segment", "the number of its segment", "export the segmentation again");
        }
        return item.integer(ResultTag.REFERENCED_SEGMENT_NUMBER, 0);
    }

    private static @Nullable Plane plane(DicomFile file, List<DataSet> groups) {
        DataSet place = item(groups, Tag.PLANE_POSITION_SEQUENCE, Tag.IMAGE_POSITION_PATIENT);
        DataSet turn = item(groups, Tag.PLANE_ORIENTATION_SEQUENCE, Tag.IMAGE_ORIENTATION_PATIENT);
        DataSet measures = item(groups, Tag.PIXEL_MEASURES_SEQUENCE, Tag.PIXEL_SPACING);
        double[] position = place == null ? null : place.numbers(Tag.IMAGE_POSITION_PATIENT, 3);
        double[] orientation = turn == null ? null : turn.numbers(Tag.IMAGE_ORIENTATION_PATIENT, 6);
        double[] spacing = measures == null ? null : measures.numbers(Tag.PIXEL_SPACING, 2);
        if (position == null || orientation == null || spacing == null) {
            return null;
        }
        return new Plane(
                position,
                Arrays.copyOf(orientation, 3),
                Arrays.copyOfRange(orientation, 3, 6),
                spacing[1],
                spacing[0],
                file.elements().integer(Tag.COLUMNS, 0),
                file.elements().integer(Tag.ROWS, 0));
    }

    private static List<ImageReference> sources(List<DataSet> groups) {
        List<ImageReference> sources = new ArrayList<>();
        for (DataSet group : groups) {
            for (DataSet derivation : group.items(ResultTag.DERIVATION_IMAGE_SEQUENCE)) {
                for (DataSet source : derivation.items(ResultTag.SOURCE_IMAGE_SEQUENCE)) {
                    sources.add(new ImageReference(
                            source.text(ResultTag.REFERENCED_SOP_INSTANCE_UID),
                            source.integer(ResultTag.REFERENCED_FRAME_NUMBER, 1)));
                }
            }
        }
        return sources;
    }

    private static @Nullable DataSet item(List<DataSet> groups, int sequence, int tag) {
        for (DataSet group : groups) {
            for (DataSet item : group.items(sequence)) {
                if (item.has(tag)) {
                    return item;
                }
            }
        }
        return null;
    }
}
