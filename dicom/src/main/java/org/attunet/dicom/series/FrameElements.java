package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a frame (PS3.3, C.7.6.16): its own functional groups, then those that all frames share, then the file's.
 *
 * @param file the file's elements
 * @param groups the frame's own functional groups and the shared ones; empty in a file of one image
 */
record FrameElements(DataSet file, List<DataSet> groups) {
    /**
     * Returns the elements of each frame of a file; none if there are several frames and nothing is said about each.
     *
     * @throws AttunetException if there are more or fewer descriptions than frames
     */
    static List<FrameElements> of(DicomFile file) {
        DataSet set = file.elements();
        int frames = set.integer(Tag.NUMBER_OF_FRAMES, 1);
        List<DataSet> shared = set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        List<DataSet> own = set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if (own.isEmpty()) {
            return frames == 1 ? List.of(new FrameElements(set, shared)) : List.of();
        }
        if (own.size() != frames) {
            throw new AttunetException(
                    file.path(),
                    own.size() + " descriptions of frames",
                    frames + ", as many as frames",
                    "export the file again");
        }
        List<FrameElements> all = new ArrayList<>();
        for (DataSet group : own) {
            List<DataSet> groups = new ArrayList<>(List.of(group));
            groups.addAll(shared);
            all.add(new FrameElements(set, groups));
        }
        return all;
    }

    /** Numbers of a functional group, or of the file if no group has them; null if there are none. */
    double @Nullable [] numbers(int sequence, int tag, int count) {
        DataSet item = item(sequence, tag);
        return (item == null ? file : item).numbers(tag, count);
    }

    double number(int sequence, int tag, double otherwise) {
        double[] found = numbers(sequence, tag, 1);
        return found == null ? otherwise : found[0];
    }

    /** Text of a functional group, or of the file if no group has it; empty if there is none. */
    String text(int sequence, int tag) {
        DataSet item = item(sequence, tag);
        return String.join("\\", (item == null ? file : item).texts(tag));
    }

    /** Text of a sequence within a functional group; empty if there is none. */
    String text(int sequence, int inner, int tag) {
        for (DataSet group : groups) {
            for (DataSet item : group.items(sequence)) {
                for (DataSet within : item.items(inner)) {
                    return String.join("\\", within.texts(tag));
                }
            }
        }
        return "";
    }

    private @Nullable DataSet item(int sequence, int tag) {
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
