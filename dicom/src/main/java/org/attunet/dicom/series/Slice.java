package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A frame of a file and where it lies, in DICOM's coordinates: millimetres, x to the patient's left, y to the back, z to the
 * head.
 *
 * @param frame from 0
 * @param position the centre of the first pixel
 * @param across the direction of a row, of length 1
 * @param down the direction of a column, of length 1
 * @param columnSpacing between the centres of pixels of a row
 * @param rowSpacing between the centres of pixels of a column
 * @param slope what stored values are multiplied by
 * @param intercept what is then added
 */
record Slice(
        DicomFile file,
        int frame,
        double[] position,
        double[] across,
        double[] down,
        double columnSpacing,
        double rowSpacing,
        double slope,
        double intercept) {

    /**
     * Returns the frames of a file; none if it isn't known where they lie.
     *
     * @throws AttunetException if the header contradicts itself
     */
    static List<Slice> of(DicomFile file) {
        DataSet set = file.elements();
        int frames = set.integer(Tag.NUMBER_OF_FRAMES, 1);
        List<DataSet> shared = set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        List<DataSet> own = set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if (!own.isEmpty() && own.size() != frames) {
            throw new AttunetException(
                    file.path(),
                    own.size() + " descriptions of frames",
                    frames + ", as many as frames",
                    "export the file again");
        }
        List<Slice> slices = new ArrayList<>();
        for (int frame = 0; frame < frames; frame++) {
            List<DataSet> groups = new ArrayList<>();
            if (!own.isEmpty()) {
                groups.add(own.get(frame));
            }
            groups.addAll(shared);
            Slice slice = of(file, frame, new Group(set, groups));
            if (slice == null || (frames > 1 && own.isEmpty())) {
                return List.of();
            }
            slices.add(slice);
        }
        return slices;
    }

    /** A frame's own functional groups, then the shared ones, then the file's elements. */
    private record Group(DataSet file, List<DataSet> groups) {
        double @Nullable [] numbers(int sequence, int tag, int count) {
            for (DataSet group : groups) {
                for (DataSet item : group.items(sequence)) {
                    double[] found = item.numbers(tag, count);
                    if (found != null) {
                        return found;
                    }
                }
            }
            return file.numbers(tag, count);
        }

        double number(int sequence, int tag, double otherwise) {
            double[] found = numbers(sequence, tag, 1);
            return found == null ? otherwise : found[0];
        }
    }

    private static @Nullable Slice of(DicomFile file, int frame, Group group) {
        double[] position = group.numbers(Tag.PLANE_POSITION_SEQUENCE, Tag.IMAGE_POSITION_PATIENT, 3);
        double[] orientation = group.numbers(Tag.PLANE_ORIENTATION_SEQUENCE, Tag.IMAGE_ORIENTATION_PATIENT, 6);
        double[] spacing = group.numbers(Tag.PIXEL_MEASURES_SEQUENCE, Tag.PIXEL_SPACING, 2);
        if (position == null || orientation == null || spacing == null) {
            return null;
        }
        double[] across = {orientation[0], orientation[1], orientation[2]};
        double[] down = {orientation[3], orientation[4], orientation[5]};
        boolean upright = Math.abs(Vectors.length(across) - 1) < 0.01
                && Math.abs(Vectors.length(down) - 1) < 0.01
                && Math.abs(Vectors.dot(across, down)) < 0.01;
        if (!upright || !(spacing[0] > 0) || !(spacing[1] > 0)) {
            throw new AttunetException(
                    file.path(),
                    "an orientation of " + java.util.Arrays.toString(orientation) + " and a pixel spacing of "
                            + java.util.Arrays.toString(spacing),
                    "two directions at right angles and spacings above 0",
                    "export the file again");
        }
        return new Slice(
                file,
                frame,
                position,
                Vectors.unit(across),
                Vectors.unit(down),
                spacing[1],
                spacing[0],
                group.number(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, Tag.RESCALE_SLOPE, 1),
                group.number(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, Tag.RESCALE_INTERCEPT, 0));
    }

    /** The direction in which slices follow one another: across x down. */
    double[] normal() {
        return Vectors.cross(across, down);
    }

    /** Where the slice lies along a direction. */
    double along(double[] direction) {
        return Vectors.dot(position, direction);
    }
}
