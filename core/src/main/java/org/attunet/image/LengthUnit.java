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
    /** Metres. */
    METRE("m", 1000),
    /** Millimetres, the unit of all lengths in memory. */
    MILLIMETRE("mm", 1),
    /** Micrometres. */
    MICROMETRE("µm", 0.001);

    /** Spacings below this many mm are printed in µm. */
    private static final double PRINTED_IN_MILLIMETRES = 0.02;

    private final String symbol;
    private final double millimetres;

    LengthUnit(String symbol, double millimetres) {
        this.symbol = symbol;
        this.millimetres = millimetres;
    }

    /** {@return such as {@code mm}} */
    public String symbol() {
        return symbol;
    }

    /** {@return whether lengths are physical, not counts of pixels} */
    public boolean isPhysical() {
        return this != PIXEL;
    }

    /**
     * {@return a length of this unit in millimetres; pixels stay pixels}
     *
     * @param length the length
     */
    public double toMillimetres(double length) {
        return length * millimetres;
    }

    /**
     * {@return a length in millimetres in this unit; pixels stay pixels}
     *
     * @param length the length
     */
    public double fromMillimetres(double length) {
        return length / millimetres;
    }

    /**
     * {@return whether all lengths, in mm, are below 20 µm}
     *
     * @param millimetres the lengths in mm
     */
    public static boolean isMicroscopic(double... millimetres) {
        return Arrays.stream(millimetres).allMatch(mm -> mm < PRINTED_IN_MILLIMETRES);
    }

    /**
     * {@return lengths in mm for people, such as {@code 0.7 x 0.7 x 3 mm} or {@code 0.25 x 0.25 µm}}
     *
     * @param millimetres one length or several
     */
    public static String text(double... millimetres) {
        boolean small = isMicroscopic(millimetres);
        LengthUnit unit = small ? MICROMETRE : MILLIMETRE;
        return Arrays.stream(millimetres)
                .map(unit::fromMillimetres)
                .mapToObj(length -> String.format(Locale.ROOT, "%.4f", length).replaceAll("\\.?0+$", ""))
                .collect(Collectors.joining(" x ", "", small ? " µm" : " mm"));
    }
}
