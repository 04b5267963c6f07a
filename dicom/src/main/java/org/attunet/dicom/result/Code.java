package org.attunet.dicom.result;

import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Vr;

/**
 * A concept of a coding scheme (PS3.3, 8.8).
 *
 * @param scheme the coding scheme, such as SCT for SNOMED CT or DCM for DICOM's own
 * @param value the code in the scheme, such as 10200004
 * @param meaning the concept in words, such as Liver
 */
public record Code(String scheme, String value, String meaning) {
    private static final int MOST_SHORT = 16;

    /** The sequence of one item that holds this code. */
    List<DataSet> items() {
        DataSet item = new DataSet();
        if (value.length() > MOST_SHORT) {
            item.put(ResultTag.LONG_CODE_VALUE, Vr.UC, value);
        } else {
            item.put(ResultTag.CODE_VALUE, Vr.SH, value);
        }
        item.put(ResultTag.CODING_SCHEME_DESIGNATOR, Vr.SH, scheme);
        item.put(ResultTag.CODE_MEANING, Vr.LO, Texts.line(meaning));
        return List.of(item);
    }

    /** The first code of a sequence; empty strings if there is none. */
    static Code of(DataSet set, int sequence) {
        for (DataSet item : set.items(sequence)) {
            boolean isShort = item.has(ResultTag.CODE_VALUE);
            return new Code(
                    item.text(ResultTag.CODING_SCHEME_DESIGNATOR),
                    item.text(isShort ? ResultTag.CODE_VALUE : ResultTag.LONG_CODE_VALUE),
                    item.text(ResultTag.CODE_MEANING));
        }
        return new Code("", "", "");
    }
}
