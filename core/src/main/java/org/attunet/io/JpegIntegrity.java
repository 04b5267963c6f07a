package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Walks the markers of a JPEG file to its end marker; if that is missing, the decoder fills the missing rows with grey.
 * Source: ITU-T T.81, annex B.
 */
final class JpegIntegrity {
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;

    private JpegIntegrity() {}

    /** Refuses a file that ends before its end marker or has other bytes in place of a marker. */
    static void check(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(FileInput.open(file), 1 << 16))) {
            in.skipNBytes(2);
            int marker = next(file, in);
            while (marker != END) {
                int length = in.readUnsignedShort();
                if (length < 2) {
                    throw FileErrors.damaged(file, "a segment of " + length + " bytes", "an undamaged JPEG file");
                }
                in.skipNBytes(length - 2);
                marker = marker == SCAN ? afterScan(in) : next(file, in);
            }
        }
    }

    private static int next(Path file, DataInputStream in) throws IOException {
        int b = in.readUnsignedByte();
        if (b != 0xff) {
            throw FileErrors.damaged(file, "the byte " + b + " in place of a marker", "an undamaged JPEG file");
        }
        while (b == 0xff) {
            b = in.readUnsignedByte();
        }
        return b;
    }

    /** The marker after coded data, in which 0xff is followed by 0 or by a restart marker's second byte. */
    private static int afterScan(DataInputStream in) throws IOException {
        int previous = 0;
        while (true) {
            int b = in.readUnsignedByte();
            if (previous == 0xff && b != 0 && b != 0xff && (b < 0xd0 || b > 0xd7)) {
                return b;
            }
            previous = b;
        }
    }
}
