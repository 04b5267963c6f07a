package org.attunet.dicom.result;

/** The data elements of structure sets, by PS3.6. */
final class ContourTag {
    static final int OPERATORS_NAME = 0x0008_1070;
    static final int STRUCTURE_SET_LABEL = 0x3006_0002;
    static final int STRUCTURE_SET_NAME = 0x3006_0004;
    static final int STRUCTURE_SET_DATE = 0x3006_0008;
    static final int STRUCTURE_SET_TIME = 0x3006_0009;
    static final int REFERENCED_FRAME_OF_REFERENCE_SEQUENCE = 0x3006_0010;
    static final int RT_REFERENCED_STUDY_SEQUENCE = 0x3006_0012;
    static final int RT_REFERENCED_SERIES_SEQUENCE = 0x3006_0014;
    static final int CONTOUR_IMAGE_SEQUENCE = 0x3006_0016;
    static final int STRUCTURE_SET_ROI_SEQUENCE = 0x3006_0020;
    static final int ROI_NUMBER = 0x3006_0022;
    static final int REFERENCED_FRAME_OF_REFERENCE_UID = 0x3006_0024;
    static final int ROI_NAME = 0x3006_0026;
    static final int ROI_DISPLAY_COLOR = 0x3006_002A;
    static final int ROI_GENERATION_ALGORITHM = 0x3006_0036;
    static final int ROI_CONTOUR_SEQUENCE = 0x3006_0039;
    static final int CONTOUR_SEQUENCE = 0x3006_0040;
    static final int CONTOUR_GEOMETRIC_TYPE = 0x3006_0042;
    static final int NUMBER_OF_CONTOUR_POINTS = 0x3006_0046;
    static final int CONTOUR_NUMBER = 0x3006_0048;
    static final int CONTOUR_DATA = 0x3006_0050;
    static final int RT_ROI_OBSERVATIONS_SEQUENCE = 0x3006_0080;
    static final int OBSERVATION_NUMBER = 0x3006_0082;
    static final int REFERENCED_ROI_NUMBER = 0x3006_0084;
    static final int RT_ROI_IDENTIFICATION_CODE_SEQUENCE = 0x3006_0086;
    static final int RT_ROI_INTERPRETED_TYPE = 0x3006_00A4;
    static final int ROI_INTERPRETER = 0x3006_00A6;

    private ContourTag() {}
}
