package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares the size in a BMP header with the file's length. Source: BITMAPFILEHEADER, BITMAPINFOHEADER. */
final class BmpIntegrity {
    private static final int HEADERS = 14 + 40;

    private BmpIntegrity() {}

    /** Refuses a file that is shorter than its rows; compressed rows are left to the decoder. */
    static void check(Path file) throws IOException {
        byte[] start;
        try (InputStream in = FileInput.open(file)) {
            start = in.readNBytes(HEADERS);
        }
        if (start.length < 26) {
            throw new EOFException();
        }
        ByteBuffer b = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        long offset = b.getInt(10) & 0xffffffffL;
        if (b.getInt(14) < 40) {
            require(file, offset, b.getShort(18), b.getShort(20), b.getShort(24));
        } else if (start.length < HEADERS) {
            throw new EOFException();
        } else if (b.getInt(30) == 0 || b.getInt(30) == 3) {
            require(file, offset, b.getInt(18), b.getInt(22), b.getShort(28));
        }
    }

    private static void require(Path file, long offset, double width, double height, int bits) throws IOException {
        double stride = Math.ceil(Math.abs(width) * bits / 32) * 4;
        if (offset + stride * Math.abs(height) > Files.size(file)) {
            throw new EOFException();
        }
    }
}
