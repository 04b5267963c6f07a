package org.attunet.dicom.result;

import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Vr;

/**
 * What made a result: a model.
 *
 * @param name the model's, such as hippocampus
 * @param version the model's, such as 1.0; may be empty
 */
public record Algorithm(String name, String version) {
    /** What a mask has that a person drew, or of which nobody knows how it was made. */
    public static final Algorithm NONE = new Algorithm("", "");

    private static final Code FAMILY = new Code("DCM", "123110", "Artificial Intelligence"); // PS3.16, CID 7162

    /** Whether no algorithm is known. */
    boolean isNone() {
        return name.isEmpty();
    }

    /** How a segment or region was made (PS3.3, C.8.20.2 and C.8.8.5). */
    String type() {
        return isNone() ? "MANUAL" : "AUTOMATIC";
    }

    /** A result and what made it, if that is known. */
    String describes(String result) {
        return Texts.line(isNone() ? result : result + " by " + line());
    }

    String line() {
        return Texts.line(name, "attunet");
    }

    String versionLine() {
        return Texts.line(version, "unknown");
    }

    /** Its identification (PS3.3, 10.16). */
    DataSet item() {
        DataSet item = new DataSet();
        item.put(ResultTag.ALGORITHM_FAMILY_CODE_SEQUENCE, FAMILY.items());
        item.put(ResultTag.ALGORITHM_NAME, Vr.LO, line());
        item.put(ResultTag.ALGORITHM_VERSION, Vr.LO, versionLine());
        return item;
    }
}
