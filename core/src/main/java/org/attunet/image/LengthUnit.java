package org.attunet.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The unit of the lengths in an image file. */
public enum LengthUnit {
    /** Pixels: the file gives no physical size, as photographs don't. */
    PIXEL("px", 1),
    /** A physical size whose unit the file leaves open; it is taken for millimetres. */
    UNSPECIFIED("mm", 1),
    METRE("m", 1000),
    MILLIMETRE("mm", 1),
    MICROMETRE("µm", 0.001);

    /** Spacings below this many mm are printed in µm. */
    private static final double PRINTED_IN_MILLIMETRES = 0.02;

    private final String symbol;
    private final double millimetres;

    LengthUnit(String symbol, double millimetres) {
        this.symbol = symbol;
        this.millimetres = millimetres;
    }

    /** Such as {@code mm}. */
    public String symbol() {
        return symbol;
    }

    /** Whether lengths are physical, not counts of pixels. */
    public boolean isPhysical() {
        return this != PIXEL;
    }

    /** A length of this unit in millimetres; pixels stay pixels. */
    public double toMillimetres(double length) {
        return length * millimetres;
    }

    /** A length in millimetres in this unit; pixels stay pixels. */
    public double fromMillimetres(double length) {
        return length / millimetres;
    }

    /** Whether all lengths, in mm, are below 20 µm. */
    public static boolean isMicroscopic(double... millimetres) {
        return Arrays.stream(millimetres).allMatch(mm -> mm < PRINTED_IN_MILLIMETRES);
    }

    /** Lengths in mm for people, such as {@code 0.7 x 0.7 x 3 mm} or {@code 0.25 x 0.25 µm}. */
    public static String text(double... millimetres) {
        boolean small = isMicroscopic(millimetres);
        LengthUnit unit = small ? MICROMETRE : MILLIMETRE;
        return Arrays.stream(millimetres)
                .map(unit::fromMillimetres)
                .mapToObj(length -> String.format(Locale.ROOT, "%.4f", length).replaceAll("\\.?0+$", ""))
                .collect(Collectors.joining(" x ", "", small ? " µm" : " mm"));
    }
}
