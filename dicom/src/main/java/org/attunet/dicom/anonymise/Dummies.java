package org.attunet.dicom.anonymise;

import java.nio.charset.StandardCharsets;
import org.attunet.dicom.data.Element;
import org.attunet.dicom.data.Vr;

/** Values that stand for removed ones where a value is required. */
final class Dummies {
    private Dummies() {}

    /** The element with another value of its representation; without a value if it has none. */
    static Element of(Element element) {
        Vr vr = element.vr();
        byte[] value = element.value().length == 0 ? new byte[0] : value(vr);
        return Element.of(element.tag(), vr, value);
    }

    private static byte[] value(Vr vr) {
        String text = switch (vr) {
            case DA -> "19000101";
            case TM -> "000000";
            case DT -> "19000101000000";
            case AS -> "000D";
            case DS, IS -> "0 ";
            case AE, CS, LO, LT, PN, SH, ST, UC, UR, UT -> Identities.REMOVED + " ";
            default -> "\0\0\0\0\0\0\0\0".substring(0, Math.max(2, width(vr)));
        };
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int width(Vr vr) {
        return switch (vr) {
            case FD, OD, OV, SV, UV -> 8;
            case AT, FL, OF, OL, SL, UL -> 4;
            default -> 2;
        };
    }
}
