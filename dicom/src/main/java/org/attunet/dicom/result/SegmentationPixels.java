package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.pixel.Frames;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/** Reads the pixels of a segmentation onto the grid of a series. */
final class SegmentationPixels {
    private final DicomFile file;
    private final SegmentationType type;
    private final Map<Integer, Segment> segments;
    private final Set<Integer> wanted;
    private final SliceStack stack;
    private final FramePlaces places;
    private final Painting painting;
    private final int most; // the number of a fraction of 1
    private final int padding;
    private final char[] shares; // of the voxels' segments; empty unless fractional

    private SegmentationPixels(
            DicomFile file, SegmentationType type, Map<Integer, Segment> segments, Set<Integer> wanted, Series series) {
        this.file = file;
        this.type = type;
        this.segments = segments;
        this.wanted = wanted;
        stack = SliceStack.of(series);
        places = new FramePlaces(file, stack);
        most = file.elements().integer(ResultTag.MAXIMUM_FRACTIONAL_VALUE, 255);
        padding = file.elements().integer(Tag.PIXEL_PADDING_VALUE, 0);
        painting = new Painting(stack.grid().voxels());
        shares = new char[type == SegmentationType.FRACTIONAL ? stack.grid().voxels() : 0];
    }

    /**
     * Reads a mask.
     *
     * @param values the labels of the segments that are wanted, by their numbers
     */
    static PlacedMask mask(
            DicomFile file,
            SegmentationType type,
            Map<Integer, Segment> segments,
            List<SegmentFrame> frames,
            Map<Integer, Integer> values,
            Series series) {
        var reading = new SegmentationPixels(file, type, segments, values.keySet(), series);
        reading.read(frames);
        return reading.result(values);
    }

    private void read(List<SegmentFrame> frames) {
        try (Frames pixels = Frames.open(file)) {
            int columns = pixels.format().columns();
            for (int k = 0; k < frames.size(); k++) {
                Interruption.check();
                SegmentFrame frame = frames.get(k);
                if (type != SegmentationType.LABELMAP) {
                    requireDescribed(frame.segment());
                    if (!wanted.contains(frame.segment())) {
                        continue;
                    }
                }
                int[] values = pixels.read(k);
                if (Arrays.stream(values).anyMatch(value -> value != 0)) {
                    add(frame, values, places.of(frame, k), columns);
                }
            }
        }
    }

    private void add(SegmentFrame frame, int[] values, FramePlace place, int columns) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0) {
                int voxel = place.voxel(i % columns, i / columns, stack.grid());
                switch (type) {
                    case BINARY -> painting.paint(voxel, frame.segment());
                    case FRACTIONAL -> fraction(voxel, frame.segment(), values[i]);
                    case LABELMAP -> number(voxel, values[i]);
                }
            }
        }
    }

    private void fraction(int voxel, int segment, int share) {
        if (2L * share < most) {
            return;
        }
        if (voxel < 0) {
            painting.paint(voxel, segment);
        } else if (share > shares[voxel]) {
            shares[voxel] = (char) share;
            painting.replace(voxel, segment);
        }
    }

    private void number(int voxel, int number) {
        if (number == padding && !segments.containsKey(number)) {
            return;
        }
        requireDescribed(number);
        if (wanted.contains(number)) {
            painting.paint(voxel, number);
        }
    }

    private void requireDescribed(int number) {
        if (!segments.containsKey(number)) {
            throw new AttunetException(
                    file.path(),
                    "pixels of segment " + number + ", which isn't described",
                    "a description of each segment",
                    "export the segmentation again");
        }
    }

    private PlacedMask result(Map<Integer, Integer> values) {
        if (painting.painted() == 0 && painting.outside() > 0) {
            throw new AttunetException(
                    file.path(),
                    "a segmentation whose " + painting.outside() + " voxels all lie outside the series",
                    "one of the series",
                    "give the series that was segmented");
        }
        List<String> notes = new ArrayList<>(places.notes());
        notes.addAll(painting.notes(this::name));
        return new PlacedMask(stack.onGrid(painting.labels(values)), notes);
    }

    private String name(int number) {
        Segment segment = segments.get(number);
        return segment == null ? "segment " + number : segment.described();
    }
}
