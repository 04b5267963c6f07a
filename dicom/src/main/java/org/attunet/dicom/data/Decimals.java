package org.attunet.dicom.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers as the values of elements (PS3.5, 6.2). */
final class Decimals {
    private static final int MOST_CHARACTERS = 16;

    private Decimals() {}

    /** The number as decimal text of at most 16 characters, as exact as that allows. */
    static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        BigDecimal exact = BigDecimal.valueOf(value).stripTrailingZeros();
        for (int digits = 17; digits > 0; digits--) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            String plain = rounded.toPlainString();
            if (plain.length() <= MOST_CHARACTERS) {
                return plain;
            }
            String scientific = rounded.toString();
            if (scientific.length() <= MOST_CHARACTERS) {
                return scientific;
            }
        }
        throw new IllegalArgumentException(value + " has no decimal text");
    }

    /** The numbers in little endian. */
    static byte[] binary(Vr vr, double... values) {
        int width = vr == Vr.AT ? 4 : vr.width(); // a tag is two numbers of two bytes
        ByteBuffer bytes = ByteBuffer.allocate(values.length * width).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (vr) {
                case US, SS, OW -> bytes.putShort((short) value);
                case UL, SL, OL -> bytes.putInt((int) (long) value);
                case UV, SV, OV -> bytes.putLong((long) value);
                case FL, OF -> bytes.putFloat((float) value);
                case FD, OD -> bytes.putDouble(value);
                case AT -> {
                    int tag = (int) (long) value;
                    bytes.putShort((short) (tag >>> 16)).putShort((short) tag);
                }
                default -> throw new IllegalArgumentException(vr + " holds no numbers");
            }
        }
        return bytes.array();
    }
}
