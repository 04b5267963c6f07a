package org.attunet.dicom.data;

import java.util.HashMap;
import java.util.Map;

/** The value representations of the elements that attunet reads, for files that don't state them (PS3.6, chapter 6). */
final class ImplicitVr {
    private static final Map<Integer, Vr> OF = new HashMap<>();

    static {
        put(Vr.CS, Tag.SPECIFIC_CHARACTER_SET, Tag.IMAGE_TYPE, Tag.MODALITY, Tag.PHOTOMETRIC_INTERPRETATION);
        put(Vr.UI, Tag.SOP_CLASS_UID, Tag.SOP_INSTANCE_UID, Tag.STUDY_INSTANCE_UID, Tag.SERIES_INSTANCE_UID);
        put(Vr.LO, Tag.SERIES_DESCRIPTION);
        put(Vr.DS, Tag.SLICE_THICKNESS, Tag.IMAGE_POSITION_PATIENT, Tag.IMAGE_ORIENTATION_PATIENT);
        put(Vr.DS, Tag.PIXEL_SPACING, Tag.RESCALE_INTERCEPT, Tag.RESCALE_SLOPE);
        put(Vr.IS, Tag.ECHO_NUMBERS, Tag.SERIES_NUMBER, Tag.ACQUISITION_NUMBER, Tag.INSTANCE_NUMBER);
        put(Vr.IS, Tag.TEMPORAL_POSITION_IDENTIFIER, Tag.NUMBER_OF_FRAMES);
        put(Vr.US, Tag.SAMPLES_PER_PIXEL, Tag.PLANAR_CONFIGURATION, Tag.ROWS, Tag.COLUMNS, Tag.BITS_ALLOCATED);
        put(Vr.US, Tag.BITS_STORED, Tag.HIGH_BIT, Tag.PIXEL_REPRESENTATION);
        put(Vr.SQ, Tag.PLANE_POSITION_SEQUENCE, Tag.PLANE_ORIENTATION_SEQUENCE, Tag.MODALITY_LUT_SEQUENCE);
        put(Vr.SQ, Tag.PIXEL_MEASURES_SEQUENCE, Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
        put(Vr.SQ, Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        put(Vr.OW, Tag.PIXEL_DATA);
        put(Vr.OF, Tag.FLOAT_PIXEL_DATA);
        put(Vr.OD, Tag.DOUBLE_PIXEL_DATA);
    }

    private ImplicitVr() {}

    private static void put(Vr vr, int... tags) {
        for (int tag : tags) {
            OF.put(tag, vr);
        }
    }

    /** The representation; unknown for other elements, whose undefined length marks a sequence. */
    static Vr of(int tag) {
        return OF.getOrDefault(tag, Vr.UN);
    }
}
