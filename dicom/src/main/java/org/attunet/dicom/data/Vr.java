package org.attunet.dicom.data;

import org.jspecify.annotations.Nullable;

/** The value representations of PS3.5, table 6.2-1. */
public enum Vr {
    AE(1),
    AS(1),
    AT(2, false),
    CS(1),
    DA(1),
    DS(1),
    DT(1),
    FD(8, false),
    FL(4, false),
    IS(1),
    LO(1),
    LT(1),
    OB(1, true),
    OD(8, true),
    OF(4, true),
    OL(4, true),
    OV(8, true),
    OW(2, true),
    PN(1),
    SH(1),
    SL(4, false),
    SQ(1, true),
    SS(2, false),
    ST(1),
    SV(8, true),
    TM(1),
    UC(1, true),
    UI(1),
    UL(4, false),
    UN(1, true),
    UR(1, true),
    US(2, false),
    UT(1, true),
    UV(8, true);

    private final int width;
    private final boolean longLength;

    Vr(int width) {
        this(width, false);
    }

    Vr(int width, boolean longLength) {
        this.width = width;
        this.longLength = longLength;
    }

    /** The bytes of one number, of which byte order changes the sequence; 1 for text and bytes. */
    int width() {
        return width;
    }

    /** Whether explicit syntaxes give its length in four bytes after two of zero. */
    boolean longLength() {
        return longLength;
    }

    /** Whether its text is written in the specific character set. */
    boolean ofCharacterSet() {
        return this == LO || this == LT || this == PN || this == SH || this == ST || this == UC || this == UT;
    }

    /** The byte that makes a value's length even. */
    int padding() {
        return this == UI || this == UN || width > 1 || this == OB ? 0 : ' ';
    }

    /** The representation of two letters; null if there is none. */
    static @Nullable Vr of(int first, int second) {
        for (Vr vr : values()) {
            if (vr.name().charAt(0) == first && vr.name().charAt(1) == second) {
                return vr;
            }
        }
        return null;
    }
}
