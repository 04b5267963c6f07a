package org.attunet.dicom.pixel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bits of one stretch of coded data, most significant first. After a byte 0xFF the encoder stuffs a 0 bit, which isn't
 * data (T.87 A.1). Past the end it gives zeros, so that the caller can check {@link #isExhausted} once a line.
 */
final class JpegLsBits {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] data;
    private final int end;
    private int position;
    /** The next bits, from the highest bit down; what lies beyond {@link #count} is 0 or the last bit of a byte 0xFF. */
    private long cache;
    /** How many bits of the cache count. */
    private int count;
    /** How many zeros have been added past the end. */
    private int padding;

    JpegLsBits(byte[] data, int start, int end) {
        this.data = data;
        this.position = start;
        this.end = end;
    }

    /** {@return whether more bits were read than there are} */
    boolean isExhausted() {
        return padding > count;
    }

    /** {@return whole bytes that haven't been read} */
    int unread() {
        return end - position + Math.max(0, count - padding) / 8;
    }

    /** {@return the next bit} */
    int bit() {
        if (count < 1) {
            fill();
        }
        int bit = (int) (cache >>> 63);
        cache <<= 1;
        count--;
        return bit;
    }

    /**
     * {@return the next bits as a number}
     *
     * @param length 0 to 31
     */
    int bits(int length) {
        if (count < length) {
            fill();
        }
        int value = (int) (cache >>> 1 >>> (63 - length));
        cache <<= length;
        count -= length;
        return value;
    }

    /**
     * A number in the Golomb code of limited length (A.5.3): its high part in unary as zeros before a 1, then k bits; or, after
     * as many zeros as {@code escape}, a 1 and the number less 1 in a fixed length.
     *
     * @param k bits of the low part, 0 to 31
     * @param escape zeros that announce a fixed length
     * @param fixed that length in bits, 1 to 16
     * @return the number; -1 if there are more zeros than the escape has, as valid data never do
     */
    int golomb(int k, int escape, int fixed) {
        if (count < 32) {
            fill();
        }
        int zeros = Long.numberOfLeadingZeros(cache);
        if (zeros + k < 32 && zeros < escape) {
            long low = (cache << zeros & Long.MAX_VALUE) >>> (63 - k);
            cache = cache << zeros << (k + 1);
            count -= zeros + k + 1;
            return zeros << k | (int) low;
        }
        return longGolomb(k, escape, fixed);
    }

    /** The same for any length. */
    private int longGolomb(int k, int escape, int fixed) {
        int zeros = 0;
        while (zeros < escape && bit() == 0) {
            zeros++;
        }
        if (zeros < escape) {
            return zeros << k | bits(k);
        }
        return bit() == 0 ? -1 : bits(fixed) + 1;
    }

    /** Adds bits until at least 32 count. */
    private void fill() {
        if (count <= 32 && position <= end - 4) {
            int word = (int) INT.get(data, position);
            int inverse = ~word;
            boolean anyFf = (inverse - 0x01010101 & ~inverse & 0x80808080) != 0;
            if (!anyFf) {
                cache |= (word & 0xFFFFFFFFL) << (32 - count);
                count += 32;
                position += 4;
                return;
            }
        }
        while (count <= 56) {
            if (position >= end) {
                padding += 8;
                count += 8;
            } else {
                int next = data[position++] & 0xFF;
                cache |= (long) next << (56 - count);
                count += next == 0xFF ? 7 : 8; // the stuffed bit falls on the last bit of 0xFF
            }
        }
    }
}
