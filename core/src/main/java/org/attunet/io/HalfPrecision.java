package org.attunet.io;

/** IEEE 754 half precision (binary16): 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
public final class HalfPrecision {
    private HalfPrecision() {}

    /**
     * Widens a half-precision number to single precision, which holds each exactly; infinity and NaN are kept.
     *
     * @param bits the 16 bits of the number
     * @return the same number
     */
    public static float decode(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            return fraction * (sign == 0 ? 0x1p-24f : -0x1p-24f);
        }
        int wide = exponent == 31 ? 255 : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /**
     * Rounds to half precision, to nearest, ties to even (IEEE 754-2008, section 4.3.1). Values of 65,520 and above become
     * infinite; NaN stays NaN.
     *
     * @param value the number to round
     * @return the 16 bits of the number
     */
    public static short encode(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        if (magnitude > 0x7f80_0000) {
            return (short) (sign | 0x7e00); // NaN
        }
        if (magnitude >= 0x4780_0000) {
            return (short) (sign | 0x7c00); // 65,536 and above
        }
        if (magnitude < 0x3880_0000) {
            // Below 2^-14 numbers are multiples of 2^-24, which rint rounds to.
            return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
        }
        int odd = magnitude >>> 13 & 1;
        return (short) (sign | (magnitude + 0xfff + odd - (112 << 23)) >>> 13);
    }
}
