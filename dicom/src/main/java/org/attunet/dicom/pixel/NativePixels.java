package org.attunet.dicom.pixel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.attunet.dicom.data.PixelFormat;

/** Stored values from the bytes of native pixel data (PS3.5, 8.1.1), in little endian. */
final class NativePixels {
    private NativePixels() {}

    /**
     * Returns the values of a frame, by pixel.
     *
     * @param planar whether each colour's values lie together
     * @throws IndexOutOfBoundsException if there are too few bytes
     */
    static int[] values(byte[] bytes, PixelFormat format, boolean planar) {
        int[] values = new int[format.frameSamples()];
        int width = Math.max(1, format.allocated() / 8);
        int pixels = format.rows() * format.columns();
        for (int k = 0; k < values.length; k++) {
            int value = 0;
            for (int b = width - 1; b >= 0; b--) {
                value = value << 8 | (bytes[k * width + b] & 0xFF);
            }
            int place = planar ? k % pixels * format.samples() + k / pixels : k;
            values[place] = stored(value, format);
        }
        return values;
    }

    /** Returns the real numbers of a frame, those of 64 bits rounded. */
    static float[] real(byte[] bytes, PixelFormat format) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[format.frameSamples()];
        for (int k = 0; k < values.length; k++) {
            values[k] = format.allocated() == 64 ? (float) buffer.getDouble() : buffer.getFloat();
        }
        return values;
    }

    /** Returns the values of a frame whose pixels share their colours in pairs. */
    static int[] halfColours(byte[] bytes, PixelFormat format) {
        int[] values = new int[format.frameSamples()];
        for (int pixel = 0; pixel < format.rows() * format.columns(); pixel++) {
            int pair = pixel / 2 * 4;
            values[3 * pixel] = bytes[pair + pixel % 2] & 0xFF;
            values[3 * pixel + 1] = bytes[pair + 2] & 0xFF;
            values[3 * pixel + 2] = bytes[pair + 3] & 0xFF;
        }
        return values;
    }

    /** The bits of a cell that count, as a number. */
    static int stored(int cell, PixelFormat format) {
        int left = 31 - format.highBit();
        int right = 32 - format.stored();
        return format.signed() ? cell << left >> right : cell << left >>> right;
    }
}
