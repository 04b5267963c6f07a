package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/**
 * Walks the markers of a JPEG file to its end marker, without which a decoder fills the missing rows with grey. Source:
 * ITU-T T.81, annex B.
 */
final class JpegIntegrity {
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;

    private JpegIntegrity() {}

    /** Refuses a file that ends before its end marker or has something else where a marker belongs. */
    static void check(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            in.skipNBytes(2);
            int marker = next(file, in);
            while (marker != END) {
                int length = in.readUnsignedShort();
                if (length < 2) {
                    throw damaged(file, "a segment of " + length + " bytes");
                }
                in.skipNBytes(length - 2);
                marker = marker == SCAN ? afterScan(in) : next(file, in);
            }
        }
    }

    private static int next(Path file, DataInputStream in) throws IOException {
        int b = in.readUnsignedByte();
        if (b != 0xff) {
            throw damaged(file, "the byte " + b + " where a marker belongs");
        }
        while (b == 0xff) {
            b = in.readUnsignedByte();
        }
        return b;
    }

    /** The marker after coded data, in which 0xff is followed by 0, or by the marker of a restart. */
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

    private static AttunetException damaged(Path file, String found) {
        return new AttunetException(file, found, "an undamaged JPEG file", "copy or make the file again");
    }
}
