package org.attunet.dicom.data;

import java.util.List;

/**
 * A data element: a value, or the items of a sequence.
 *
 * @param value its bytes, numbers in little endian; empty for a sequence
 * @param items the items of a sequence; empty for others
 */
public record Element(int tag, Vr vr, byte[] value, List<DataSet> items) {
    /** {@return an element with a value} */
    public static Element of(int tag, Vr vr, byte[] value) {
        return new Element(tag, vr, value, List.of());
    }

    /** {@return a sequence} */
    public static Element of(int tag, List<DataSet> items) {
        return new Element(tag, Vr.SQ, new byte[0], List.copyOf(items));
    }
}
