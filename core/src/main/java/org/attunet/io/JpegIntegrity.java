package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.attunet.error.AttunetException;

/**
 * Walks the markers of a JPEG file to its end marker; if that is missing, the decoder fills the missing rows with grey.
 * Source: ITU-T T.81, annex B.
 */
final class JpegIntegrity {
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int APP1 = 0xe1;
    private static final int APP2 = 0xe2;
    private static final int COMMENT = 0xfe;
    private static final byte[] PROFILE = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};

    /** Markers of frames: baseline, extended, progressive, lossless and others; among them are three of other meaning. */
    private static final int FRAME = 0xc0;

    private static final int PROGRESSIVE = 0xc2;
    private static final int LOSSLESS = 0xc3;
    private static final int LAST_FRAME = 0xcf;
    private static final Set<Integer> NO_FRAMES = Set.of(0xc4, 0xc8, 0xcc);

    private JpegIntegrity() {}

    /**
     * Refuses a file that ends before its end marker, has other bytes in place of a marker or is of a kind that isn't
     * supported.
     *
     * @return the EXIF data; empty if there are none
     */
    static byte[] check(Path file) throws IOException {
        byte[] exif = {};
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(FileInput.open(file), 1 << 16))) {
            in.skipNBytes(2);
            int marker = next(file, in);
            while (marker != END) {
                int length = in.readUnsignedShort();
                if (length < 2) {
                    throw FileErrors.damaged(file, "a segment of " + length + " bytes", "an undamaged JPEG file");
                }
                byte[] segment = in.readNBytes(length - 2);
                if (segment.length < length - 2) {
                    throw new EOFException();
                }
                if (marker == APP1 && exif.length == 0 && starts(segment, EXIF)) {
                    exif = Arrays.copyOfRange(segment, EXIF.length, segment.length);
                } else if (marker >= FRAME && marker <= LAST_FRAME && !NO_FRAMES.contains(marker)) {
                    requireSupported(file, marker, segment);
                }
                marker = marker == SCAN ? afterScan(in) : next(file, in);
            }
            return exif;
        }
    }

    private static boolean starts(byte[] segment, byte[] with) {
        return segment.length >= with.length && Arrays.equals(segment, 0, with.length, with, 0, with.length);
    }

    /**
     * A file's bytes, in which colour profiles are comments: the decoder would change the colours by a profile, which no
     * other format's decoder does. The file must have passed {@link #check}.
     */
    static ImageInputStream withoutProfile(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = 2;
        while (at + 4 < bytes.length && (bytes[at + 1] & 0xff) != SCAN) {
            int marker = bytes[at + 1] & 0xff;
            if (marker == 0xff) { // a filling byte
                at++;
                continue;
            }
            int length = (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
            if (marker == APP2 && starts(Arrays.copyOfRange(bytes, at + 4, at + 2 + length), PROFILE)) {
                bytes[at + 1] = (byte) COMMENT;
            }
            at += 2 + length;
        }
        return new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
    }

    /** Refuses what the decoder doesn't read; a frame's segment holds the bits of a sample, the size and the components. */
    private static void requireSupported(Path file, int marker, byte[] frame) throws EOFException {
        if (frame.length < 6) {
            throw new EOFException();
        }
        int components = frame[5];
        String found = null;
        if (marker > PROGRESSIVE) {
            found = marker == LOSSLESS
                    ? "lossless JPEG"
                    : "JPEG of a rare kind (frame 0x" + Integer.toHexString(marker) + ")";
        } else if (frame[0] != 8) {
            found = "JPEG of " + frame[0] + " bits";
        } else if (components != 1 && components != 3) {
            found = components == 4 ? "its colours are CMYK" : "JPEG of " + components + " components";
        }
        if (found != null) {
            throw new AttunetException(
                    file,
                    found,
                    "baseline or progressive JPEG, grey or in colour",
                    "convert it to RGB or save it as PNG");
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
