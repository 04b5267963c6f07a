package org.attunet.dicom.pixel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.attunet.dicom.data.PixelFormat;

/** DICOM's run-length encoding (PS3.5, annex G): one segment for each byte of a pixel, the highest first. */
final class Rle {
    private static final int HEADER = 64;

    private Rle() {}

    /**
     * Decodes a frame.
     *
     * @return its bytes as native pixel data has them, colours by pixel
     * @throws IndexOutOfBoundsException if the frame is damaged
     */
    static byte[] decode(byte[] frame, PixelFormat format) {
        int width = format.allocated() / 8;
        int pixels = format.rows() * format.columns();
        int segments = width * format.samples();
        ByteBuffer header = ByteBuffer.wrap(frame, 0, HEADER).order(ByteOrder.LITTLE_ENDIAN);
        if (header.getInt(0) != segments) {
            throw new IndexOutOfBoundsException(header.getInt(0) + " segments instead of " + segments);
        }
        byte[] all = new byte[pixels * segments];
        for (int segment = 0; segment < segments; segment++) {
            int from = header.getInt(4 + 4 * segment);
            int end = segment + 1 < segments ? header.getInt(8 + 4 * segment) : frame.length;
            int sample = segment / width;
            int place = sample * width + (width - 1 - segment % width);
            expand(frame, from, end, all, place, segments, pixels);
        }
        return all;
    }

    private static void expand(byte[] frame, int from, int end, byte[] all, int place, int step, int count) {
        int at = from;
        int done = 0;
        while (done < count) {
            if (at < 0 || at >= end) {
                throw new IndexOutOfBoundsException("a segment ends after " + done + " of " + count + " bytes");
            }
            int control = frame[at++];
            int run = control >= 0 ? control + 1 : control == -128 ? 0 : 1 - control;
            for (int k = 0; k < run && done < count; k++) {
                all[place + step * done++] = frame[control >= 0 ? at + k : at];
            }
            at += control >= 0 ? run : control == -128 ? 0 : 1;
        }
    }
}
