package org.attunet.dicom.result;

import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A label of a mask with what DICOM wants to know of it.
 *
 * @param value in the mask, 1 to 65535
 * @param name for people
 * @param concept what it is
 * @param colour 0xRRGGBB, in sRGB
 */
public record CodedLabel(int value, String name, Concept concept, int colour) {
    /**
     * Checks the value.
     *
     * @param value in the mask, 1 to 65535
     * @param name for people
     * @param concept what it is
     * @param colour 0xRRGGBB, in sRGB
     */
    public CodedLabel {
        ConfigException.check(value >= 1 && value <= 0xFFFF, "label", value, "a number from 1 to 65535");
    }

    /**
     * What a label is, in codes.
     *
     * @param category what kind of thing, such as Anatomical Structure (PS3.16, CID 7150)
     * @param type which, such as Kidney or Neoplasm (CID 7151)
     * @param modifier what sets it apart from others of its type, such as Left (CID 244); null if nothing does
     * @param region where in the body it is, such as Liver for a neoplasm (CID 4); null if the type says so
     */
    public record Concept(
            Code category,
            Code type,
            @Nullable Code modifier,
            @Nullable Code region) {}
}
