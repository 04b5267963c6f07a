package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;

/** By what the frames of a file are ordered (PS3.3, C.7.6.17): by segments, by positions, or both. */
final class Dimensions {
    private Dimensions() {}

    /** Puts the dimensions, of which frames have an index each. */
    static void put(DataSet set, boolean bySegment, boolean byPosition) {
        String uid = Uid.random();
        DataSet organization = new DataSet();
        organization.put(ResultTag.DIMENSION_ORGANIZATION_UID, Vr.UI, uid);
        set.put(ResultTag.DIMENSION_ORGANIZATION_SEQUENCE, List.of(organization));
        List<DataSet> indices = new ArrayList<>();
        if (bySegment) {
            indices.add(dimension(
                    uid,
                    ResultTag.REFERENCED_SEGMENT_NUMBER,
                    ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE,
                    "Segment number"));
        }
        if (byPosition) {
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
}
