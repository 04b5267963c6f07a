package org.attunet.io;

/** Numbers of 16 bits, IEEE 754's binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
public final class HalfPrecision {
    private HalfPrecision() {}

    /** The same number in 32 bits, which hold each exactly; infinity and NaN stay what they are. */
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
