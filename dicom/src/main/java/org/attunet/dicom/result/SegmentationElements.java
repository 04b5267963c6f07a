package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.result.CodedLabel.Concept;

/**
 * The elements of a segmentation without its pixels (PS3.3, A.51.3 and C.8.20).
 *
 * @param labels the segments, in their order
 */
record SegmentationElements(Planes planes, List<CodedLabel> labels, Algorithm algorithm) {
    /**
     * A frame.
     *
     * @param segment its segment's number; in a label map it doesn't count
     * @param plane its plane, from 0
     */
    record Frame(int segment, int plane) {}

    /**
     * Returns all elements but the pixels.
     *
     * @param empty whether the frames hold nothing
     * @param overlap whether a voxel may be in several segments
     */
    DataSet of(SegmentationType type, List<Frame> frames, boolean empty, boolean overlap, int bits) {
        boolean labelMap = type == SegmentationType.LABELMAP;
        boolean placed = !planes.series().isPicture();
        DataSet set = ResultHeader.of(
                planes.series(), labelMap ? ResultKind.LABEL_MAP_SEGMENTATION : ResultKind.SEGMENTATION, algorithm);
        ResultHeader.frameOfReference(set, planes.series());
        SourceImages.putSeries(set, planes.series());
        set.put(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "PRIMARY");
        planes.putPixels(set, frames.size(), bits, 1);
        set.put(ResultTag.SEGMENTATION_TYPE, Vr.CS, type.name());
        if (type == SegmentationType.FRACTIONAL) {
            set.put(ResultTag.SEGMENTATION_FRACTIONAL_TYPE, Vr.CS, "PROBABILITY");
            set.put(ResultTag.MAXIMUM_FRACTIONAL_VALUE, Vr.US, (1 << bits) - 1);
        } else {
            set.put(ResultTag.SEGMENTS_OVERLAP, Vr.CS, overlap ? "YES" : "NO");
        }
        set.put(ResultTag.CONTENT_LABEL, Vr.CS, "SEGMENTATION");
        String found = empty ? "Nothing found" : "Segmentation";
        set.put(ResultTag.CONTENT_DESCRIPTION, Vr.LO, algorithm.describes(found));
        set.put(ResultTag.CONTENT_CREATOR_NAME, Vr.PN, new String[0]);
        set.put(ResultTag.SEGMENT_SEQUENCE, segments(labelMap));
        Dimensions.put(set, !labelMap, placed);
        set.put(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, List.of(planes.shared()));
        set.put(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, groups(frames, !labelMap, placed));
        return set;
    }

    private List<DataSet> segments(boolean labelMap) {
        List<DataSet> segments = new ArrayList<>();
        for (CodedLabel label : labels) {
            Concept concept = label.concept();
            DataSet type = concept.type().items().get(0);
            if (concept.modifier() != null) {
                type.put(
                        ResultTag.SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE,
                        concept.modifier().items());
            }
            DataSet segment = new DataSet();
            segment.put(ResultTag.SEGMENT_NUMBER, Vr.US, labelMap ? label.value() : segments.size() + 1);
            segment.put(ResultTag.SEGMENT_LABEL, Vr.LO, Texts.line(label.name(), "label " + label.value()));
            segment.put(ResultTag.SEGMENT_ALGORITHM_TYPE, Vr.CS, algorithm.type());
            if (!algorithm.isNone()) {
                segment.put(ResultTag.SEGMENT_ALGORITHM_NAME, Vr.LO, algorithm.line());
                segment.put(ResultTag.SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE, List.of(algorithm.item()));
            }
            segment.put(
                    ResultTag.SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE,
                    concept.category().items());
            segment.put(ResultTag.SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, List.of(type));
            if (concept.region() != null) {
                segment.put(ResultTag.ANATOMIC_REGION_SEQUENCE, concept.region().items());
            }
            segment.put(ResultTag.RECOMMENDED_DISPLAY_CIELAB_VALUE, Vr.US, CieLab.encoded(label.colour()));
            segment.put(ResultTag.TRACKING_ID, Vr.UT, segment.text(ResultTag.SEGMENT_LABEL));
            segment.put(ResultTag.TRACKING_UID, Vr.UI, Uid.random());
            segments.add(segment);
        }
        return segments;
    }

    /** The functional groups of frames, with an index for each dimension. */
    private List<DataSet> groups(List<Frame> frames, boolean bySegment, boolean byPosition) {
        TreeSet<Integer> used = new TreeSet<>();
        frames.forEach(frame -> used.add(frame.plane()));
        List<Integer> order = List.copyOf(used);
        List<DataSet> groups = new ArrayList<>();
        for (Frame frame : frames) {
            DataSet own = planes.place(frame.plane());
            SourceImages.putDerivation(own, planes.slice(frame.plane()));
            int position = Collections.binarySearch(order, frame.plane()) + 1; // without gaps
            DataSet content = new DataSet();
            DoubleStream indices = DoubleStream.concat(
                    bySegment ? DoubleStream.of(frame.segment()) : DoubleStream.empty(),
                    byPosition ? DoubleStream.of(position) : DoubleStream.empty());
            content.put(ResultTag.DIMENSION_INDEX_VALUES, Vr.UL, indices.toArray());
            if (bySegment) {
                DataSet segment = new DataSet();
                segment.put(ResultTag.REFERENCED_SEGMENT_NUMBER, Vr.US, frame.segment());
                own.put(ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE, List.of(segment));
            }
            own.put(Tag.FRAME_CONTENT_SEQUENCE, List.of(content));
            groups.add(own);
        }
        return groups;
    }
}
