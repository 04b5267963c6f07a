package org.attunet.dicom.data;

/** The data elements that attunet reads, by PS3.6. A tag is a number of 32 bits: its group, then its element. */
public final class Tag {
    public static final int TRANSFER_SYNTAX_UID = 0x0002_0010;
    public static final int DIRECTORY_RECORD_SEQUENCE = 0x0004_1220;
    public static final int REFERENCED_FILE_ID = 0x0004_1500;
    public static final int SPECIFIC_CHARACTER_SET = 0x0008_0005;
    public static final int IMAGE_TYPE = 0x0008_0008;
    public static final int SOP_CLASS_UID = 0x0008_0016;
    public static final int SOP_INSTANCE_UID = 0x0008_0018;
    public static final int ACQUISITION_TIME = 0x0008_0032;
    public static final int CONTENT_TIME = 0x0008_0033;
    public static final int MODALITY = 0x0008_0060;
    public static final int MANUFACTURER = 0x0008_0070;
    public static final int SERIES_DESCRIPTION = 0x0008_103E;
    public static final int FRAME_TYPE = 0x0008_9007;
    public static final int PATIENT_NAME = 0x0010_0010;
    public static final int PATIENT_ID = 0x0010_0020;
    public static final int SLICE_THICKNESS = 0x0018_0050;
    public static final int KVP = 0x0018_0060;
    public static final int ECHO_TIME = 0x0018_0081;
    public static final int INVERSION_TIME = 0x0018_0082;
    public static final int ECHO_NUMBERS = 0x0018_0086;
    public static final int TRIGGER_TIME = 0x0018_1060;
    public static final int CONVOLUTION_KERNEL = 0x0018_1210;
    public static final int DIFFUSION_GRADIENT_DIRECTION_SEQUENCE = 0x0018_9076;
    public static final int EFFECTIVE_ECHO_TIME = 0x0018_9082;
    public static final int DIFFUSION_B_VALUE = 0x0018_9087;
    public static final int DIFFUSION_GRADIENT = 0x0018_9089;
    public static final int MR_ECHO_SEQUENCE = 0x0018_9114;
    public static final int MR_DIFFUSION_SEQUENCE = 0x0018_9117;
    public static final int CARDIAC_SYNCHRONIZATION_SEQUENCE = 0x0018_9118;
    public static final int MR_IMAGE_FRAME_TYPE_SEQUENCE = 0x0018_9226;
    public static final int CT_IMAGE_FRAME_TYPE_SEQUENCE = 0x0018_9329;
    public static final int STUDY_INSTANCE_UID = 0x0020_000D;
    public static final int SERIES_INSTANCE_UID = 0x0020_000E;
    public static final int SERIES_NUMBER = 0x0020_0011;
    public static final int ACQUISITION_NUMBER = 0x0020_0012;
    public static final int INSTANCE_NUMBER = 0x0020_0013;
    public static final int IMAGE_POSITION_PATIENT = 0x0020_0032;
    public static final int IMAGE_ORIENTATION_PATIENT = 0x0020_0037;
    public static final int TEMPORAL_POSITION_IDENTIFIER = 0x0020_0100;
    public static final int STACK_ID = 0x0020_9056;
    public static final int FRAME_CONTENT_SEQUENCE = 0x0020_9111;
    public static final int PLANE_POSITION_SEQUENCE = 0x0020_9113;
    public static final int PLANE_ORIENTATION_SEQUENCE = 0x0020_9116;
    public static final int TEMPORAL_POSITION_INDEX = 0x0020_9128;
    public static final int NOMINAL_CARDIAC_TRIGGER_DELAY_TIME = 0x0020_9153;
    public static final int NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE = 0x0020_9241;
    public static final int SAMPLES_PER_PIXEL = 0x0028_0002;
    public static final int PHOTOMETRIC_INTERPRETATION = 0x0028_0004;
    public static final int PLANAR_CONFIGURATION = 0x0028_0006;
    public static final int NUMBER_OF_FRAMES = 0x0028_0008;
    public static final int ROWS = 0x0028_0010;
    public static final int COLUMNS = 0x0028_0011;
    public static final int PIXEL_SPACING = 0x0028_0030;
    public static final int IMAGER_PIXEL_SPACING = 0x0018_1164;
    public static final int NOMINAL_SCANNED_PIXEL_SPACING = 0x0018_2010;
    public static final int BITS_ALLOCATED = 0x0028_0100;
    public static final int BITS_STORED = 0x0028_0101;
    public static final int HIGH_BIT = 0x0028_0102;
    public static final int PIXEL_REPRESENTATION = 0x0028_0103;
    public static final int PIXEL_PADDING_VALUE = 0x0028_0120;
    public static final int FLOAT_PIXEL_PADDING_VALUE = 0x0028_0122;
    public static final int DOUBLE_FLOAT_PIXEL_PADDING_VALUE = 0x0028_0123;
    public static final int RESCALE_INTERCEPT = 0x0028_1052;
    public static final int RESCALE_SLOPE = 0x0028_1053;
    public static final int RED_PALETTE_DESCRIPTOR = 0x0028_1101;
    public static final int RED_PALETTE = 0x0028_1201;
    public static final int LOSSY_IMAGE_COMPRESSION = 0x0028_2110;
    public static final int MODALITY_LUT_SEQUENCE = 0x0028_3000;
    public static final int LUT_DESCRIPTOR = 0x0028_3002;
    public static final int LUT_DATA = 0x0028_3006;
    public static final int PIXEL_MEASURES_SEQUENCE = 0x0028_9110;
    public static final int PIXEL_VALUE_TRANSFORMATION_SEQUENCE = 0x0028_9145;
    public static final int FRAME_REFERENCE_TIME = 0x0054_1300;
    public static final int SHARED_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200_9229;
    public static final int PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200_9230;
    public static final int FLOAT_PIXEL_DATA = 0x7FE0_0008;
    public static final int DOUBLE_PIXEL_DATA = 0x7FE0_0009;
    public static final int PIXEL_DATA = 0x7FE0_0010;

    static final int ITEM = 0xFFFE_E000;
    static final int ITEM_END = 0xFFFE_E00D;
    static final int SEQUENCE_END = 0xFFFE_E0DD;

    private Tag() {}

    /** {@return whether a tag is of an odd group, whose elements whoever made the file defines} */
    public static boolean isPrivate(int tag) {
        return (tag & 0x1_0000) != 0;
    }

    /** The usual spelling, such as {@code (0028,0010)}. */
    public static String text(int tag) {
        return String.format("(%04X,%04X)", tag >>> 16, tag & 0xFFFF);
    }
}
