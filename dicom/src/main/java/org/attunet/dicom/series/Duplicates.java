package org.attunet.dicom.series;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.attunet.dicom.data.FrameBytes;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.series.Splitting.Part;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/** Slices that were given twice. */
final class Duplicates {
    private Duplicates() {}

    /** Leaves out slices in one place that are the same frame of the same object. */
    static Part byInstance(Part part, List<List<Slice>> places) {
        return without(
                part,
                places,
                slice -> slice.sopInstanceUid().isEmpty() ? slice : slice.sopInstanceUid() + " " + slice.frame());
    }

    /** Leaves out slices in one place whose pixels are equal. */
    static Part byContent(Part part, List<List<Slice>> places) {
        return without(part, places, Duplicates::content);
    }

    private static Part without(Part part, List<List<Slice>> places, Function<Slice, Object> same) {
        List<Slice> kept = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (List<Slice> place : places) {
            Map<Object, Slice> seen = new HashMap<>();
            for (Slice slice : place) {
                Slice first = place.size() == 1 ? null : seen.putIfAbsent(same.apply(slice), slice);
                if (first == null) {
                    kept.add(slice);
                } else {
                    left.add(slice.name() + " (as " + first.name() + ")");
                }
            }
        }
        if (left.isEmpty()) {
            return part;
        }
        List<String> notes = new ArrayList<>(part.notes());
        String example = left.size() == 1 ? left.get(0) : left.get(0) + " and others";
        notes.add(left.size() + (left.size() == 1 ? " slice was" : " slices were") + " given twice and left out: "
                + example);
        return new Part(kept, part.traits(), notes);
    }

    /** The encoded pixels and what they mean; the slice itself if they can't be read. */
    private static Object content(Slice slice) {
        Interruption.check();
        try {
            PixelFormat format = PixelFormat.of(slice.file());
            try (FrameBytes bytes = FrameBytes.open(slice.file(), format)) {
                return List.of(
                        ByteBuffer.wrap(bytes.frame(slice.frame())),
                        slice.slope(),
                        slice.intercept(),
                        slice.file().syntax().uid(),
                        format);
            }
        } catch (IOException | AttunetException e) {
            return slice;
        }
    }
}
