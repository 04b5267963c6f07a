package org.attunet.dicom.series;

import java.util.List;
import java.util.function.Function;
import org.attunet.dicom.data.Tag;

/**
 * What a slice says of itself that may set its volume apart from others of its series.
 *
 * @param name for people, such as {@code echo time}
 * @param value of a slice, as text; empty if it says nothing
 */
record Trait(String name, Function<Slice, String> value) {
    /** Slices that differ in one of these are of different volumes, wherever they lie. */
    static final List<Trait> ALWAYS = List.of(
            plain("kind", Tag.SOP_CLASS_UID),
            plain("pixels", Tag.PHOTOMETRIC_INTERPRETATION),
            plain("echo", Tag.ECHO_NUMBERS),
            new Trait("echo time", Trait::echoTime),
            new Trait("time", Trait::time),
            of("stack", Tag.FRAME_CONTENT_SEQUENCE, Tag.STACK_ID),
            of("b value", Tag.MR_DIFFUSION_SEQUENCE, Tag.DIFFUSION_B_VALUE));

    /** Slices in one place that differ in one of these are of different volumes. */
    static final List<Trait> IN_ONE_PLACE = List.of(
            new Trait("image type", Trait::type),
            new Trait("direction", Trait::gradient),
            plain("acquisition", Tag.ACQUISITION_NUMBER),
            plain("energy", Tag.KVP),
            plain("kernel", Tag.CONVOLUTION_KERNEL),
            plain("inversion time", Tag.INVERSION_TIME),
            plain("trigger time", Tag.TRIGGER_TIME),
            of("cardiac phase", Tag.CARDIAC_SYNCHRONIZATION_SEQUENCE, Tag.NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE),
            of("trigger delay", Tag.CARDIAC_SYNCHRONIZATION_SEQUENCE, Tag.NOMINAL_CARDIAC_TRIGGER_DELAY_TIME),
            plain("reference time", Tag.FRAME_REFERENCE_TIME),
            plain("acquisition time", Tag.ACQUISITION_TIME),
            plain("content time", Tag.CONTENT_TIME));

    private static Trait plain(String name, int tag) {
        return new Trait(
                name, slice -> String.join("\\", slice.file().elements().texts(tag)));
    }

    private static Trait of(String name, int sequence, int tag) {
        return new Trait(name, slice -> slice.elements().text(sequence, tag));
    }

    private static String echoTime(Slice slice) {
        String effective = slice.elements().text(Tag.MR_ECHO_SEQUENCE, Tag.EFFECTIVE_ECHO_TIME);
        String text = effective.isEmpty() ? slice.file().elements().text(Tag.ECHO_TIME) : effective;
        try { // echoes are further apart than this, which hides how the number is written
            return text.isEmpty() ? "" : Double.toString(Math.round(Double.parseDouble(text) * 20) / 20.0);
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private static String time(Slice slice) {
        String index = slice.elements().text(Tag.FRAME_CONTENT_SEQUENCE, Tag.TEMPORAL_POSITION_INDEX);
        return index.isEmpty() ? slice.file().elements().text(Tag.TEMPORAL_POSITION_IDENTIFIER) : index;
    }

    private static String type(Slice slice) {
        for (int sequence : List.of(Tag.MR_IMAGE_FRAME_TYPE_SEQUENCE, Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE)) {
            String type = slice.elements().text(sequence, Tag.FRAME_TYPE);
            if (!type.isEmpty()) {
                return type;
            }
        }
        return String.join("\\", slice.file().elements().texts(Tag.IMAGE_TYPE));
    }

    private static String gradient(Slice slice) {
        return slice.elements()
                .text(Tag.MR_DIFFUSION_SEQUENCE, Tag.DIFFUSION_GRADIENT_DIRECTION_SEQUENCE, Tag.DIFFUSION_GRADIENT);
    }
}
