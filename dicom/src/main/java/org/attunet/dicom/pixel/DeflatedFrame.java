package org.attunet.dicom.pixel;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.attunet.dicom.data.PixelFormat;

/** Frames that are deflated one by one (PS3.5, A.4.13): native pixels, of which single bits fill bytes from the lowest on. */
final class DeflatedFrame {
    private DeflatedFrame() {}

    /**
     * Returns a frame's native pixels, each bit of frames of bits as a byte.
     *
     * @throws EOFException if there are too few
     * @throws IOException if they are damaged
     */
    static byte[] decode(byte[] encoded, PixelFormat format) throws IOException {
        byte[] packed = new byte[Math.toIntExact((format.frameBits() + 7) / 8)];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(encoded);
            int length = 0;
            while (length < packed.length) {
                int more = inflater.inflate(packed, length, packed.length - length);
                if (more == 0) {
                    throw new EOFException();
                }
                length += more;
            }
        } catch (DataFormatException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        } finally {
            inflater.end();
        }
        if (format.allocated() > 1) {
            return packed;
        }
        byte[] bits = new byte[(int) format.frameBits()];
        for (int k = 0; k < bits.length; k++) {
            bits[k] = (byte) ((packed[k / 8] >> (k % 8)) & 1);
        }
        return bits;
    }
}
