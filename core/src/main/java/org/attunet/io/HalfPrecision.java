package org.attunet.io;

/** IEEE 754 binary16 numbers: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
public final class HalfPrecision {
    private HalfPrecision() {}

    /** The same number as a float, exactly; infinity and NaN are kept. */
    public static float decode(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            return (sign == 0 ? 1 : -1) * fraction * 0x1p-24f;
        }
        int wide = exponent == 31 ? 255 : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
