package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
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

    /** Returns all elements but the pixels. */
    DataSet of(SegmentationType type, List<Frame> frames, int bits) {
        boolean labelMap = type == SegmentationType.LABELMAP;
        DataSet set = ResultHeader.of(
                planes.series(), labelMap ? ResultKind.LABEL_MAP_SEGMENTATION : ResultKind.SEGMENTATION, algorithm);
        ResultHeader.frameOfReference(set, planes.series());
        SourceImages.putSeries(set, planes.series());
        set.put(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "PRIMARY");
        pixels(set, frames.size(), bits);
        set.put(ResultTag.SEGMENTATION_TYPE, Vr.CS, type.name());
        if (type == SegmentationType.FRACTIONAL) {
            set.put(ResultTag.SEGMENTATION_FRACTIONAL_TYPE, Vr.CS, "PROBABILITY");
            set.put(ResultTag.MAXIMUM_FRACTIONAL_VALUE, Vr.US, (1 << bits) - 1);
        } else {
            set.put(ResultTag.SEGMENTS_OVERLAP, Vr.CS, "NO");
        }
        set.put(ResultTag.CONTENT_LABEL, Vr.CS, "SEGMENTATION");
        set.put(ResultTag.CONTENT_DESCRIPTION, Vr.LO, Texts.line("Segmentation by " + algorithm.line()));
        set.put(ResultTag.CONTENT_CREATOR_NAME, Vr.PN, new String[0]);
        set.put(ResultTag.SEGMENT_SEQUENCE, segments(labelMap));
        dimensions(set, labelMap, planes.series().isPicture());
        set.put(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, List.of(planes.shared()));
        set.put(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, groups(frames, labelMap));
        return set;
    }

    private void pixels(DataSet set, int frames, int bits) {
        set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1);
        set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
        set.put(Tag.NUMBER_OF_FRAMES, Vr.IS, frames);
        set.put(Tag.ROWS, Vr.US, planes.rows());
        set.put(Tag.COLUMNS, Vr.US, planes.columns());
        set.put(Tag.BITS_ALLOCATED, Vr.US, bits);
        set.put(Tag.BITS_STORED, Vr.US, bits);
        set.put(Tag.HIGH_BIT, Vr.US, bits - 1);
        set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
        set.put(ResultTag.LOSSY_IMAGE_COMPRESSION, Vr.CS, "00");
        set.copy(
                planes.series().elements(),
                ResultTag.LOSSY_IMAGE_COMPRESSION,
                ResultTag.LOSSY_IMAGE_COMPRESSION_RATIO,
                ResultTag.LOSSY_IMAGE_COMPRESSION_METHOD);
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
            segment.put(ResultTag.SEGMENT_ALGORITHM_TYPE, Vr.CS, "AUTOMATIC");
            segment.put(ResultTag.SEGMENT_ALGORITHM_NAME, Vr.LO, algorithm.line());
            segment.put(ResultTag.SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE, List.of(algorithm.item()));
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

    private static void dimensions(DataSet set, boolean labelMap, boolean picture) {
        String uid = Uid.random();
        DataSet organization = new DataSet();
        organization.put(ResultTag.DIMENSION_ORGANIZATION_UID, Vr.UI, uid);
        set.put(ResultTag.DIMENSION_ORGANIZATION_SEQUENCE, List.of(organization));
        List<DataSet> indices = new ArrayList<>();
        if (!labelMap) {
            indices.add(dimension(
                    uid,
                    ResultTag.REFERENCED_SEGMENT_NUMBER,
                    ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE,
                    "Segment number"));
        }
        if (!picture) {
            indices.add(dimension(uid, Tag.IMAGE_POSITION_PATIENT, Tag.PLANE_POSITION_SEQUENCE, "Image position"));
        }
        set.put(ResultTag.DIMENSION_INDEX_SEQUENCE, indices);
    }

    private static DataSet dimension(String organization, int tag, int group, String label) {
        DataSet item = new DataSet();
        item.put(ResultTag.DIMENSION_ORGANIZATION_UID, Vr.UI, organization);
        item.put(ResultTag.DIMENSION_INDEX_POINTER, Vr.AT, tag);
        item.put(ResultTag.FUNCTIONAL_GROUP_POINTER, Vr.AT, group);
        item.put(ResultTag.DIMENSION_DESCRIPTION_LABEL, Vr.LO, label);
        return item;
    }

    private List<DataSet> groups(List<Frame> frames, boolean labelMap) {
        TreeSet<Integer> used = new TreeSet<>();
        frames.forEach(frame -> used.add(frame.plane()));
        List<Integer> order = List.copyOf(used);
        List<DataSet> groups = new ArrayList<>();
        for (Frame frame : frames) {
            DataSet own = planes.own(frame.plane());
            int position = Collections.binarySearch(order, frame.plane()) + 1; // without gaps
            DataSet content = new DataSet();
            if (labelMap) {
                content.put(ResultTag.DIMENSION_INDEX_VALUES, Vr.UL, position);
            } else {
                double[] values = planes.series().isPicture()
                        ? new double[] {frame.segment()}
                        : new double[] {frame.segment(), position};
                content.put(ResultTag.DIMENSION_INDEX_VALUES, Vr.UL, values);
                DataSet segment = new DataSet();
                segment.put(ResultTag.REFERENCED_SEGMENT_NUMBER, Vr.US, frame.segment());
                own.put(ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE, List.of(segment));
            }
            own.put(ResultTag.FRAME_CONTENT_SEQUENCE, List.of(content));
            groups.add(own);
        }
        return groups;
    }
}
