package org.attunet.image;

/** The unit of the lengths in an image file. */
public enum LengthUnit {
    /** Pixels: the file gives no physical size, as photographs don't. */
    PIXEL("px", 1),
    /** A physical size whose unit the file leaves open; it is taken for millimetres. */
    UNSPECIFIED("mm", 1),
    METRE("m", 1000),
    MILLIMETRE("mm", 1),
    MICROMETRE("µm", 0.001);

    private final String symbol;
    private final double millimetres;

    LengthUnit(String symbol, double millimetres) {
        this.symbol = symbol;
        this.millimetres = millimetres;
    }

    /** Whether lengths are physical, not counts of pixels. */
    public boolean isPhysical() {
        return this != PIXEL;
    }

    /** The unit as it is printed behind a number. */
    public String symbol() {
        return symbol;
    }

    /** A length of this unit in millimetres; pixels stay pixels. */
    public double toMillimetres(double length) {
        return length * millimetres;
    }

    /** A length in millimetres in this unit; pixels stay pixels. */
    public double fromMillimetres(double length) {
        return length / millimetres;
    }
}
