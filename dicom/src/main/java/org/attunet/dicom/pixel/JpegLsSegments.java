package org.attunet.dicom.pixel;

import org.attunet.error.AttunetException;

/**
 * The markers and marker segments of a JPEG stream (T.87 C.1.1), read in order; numbers are big-endian. Every read is checked
 * against the end of the segment and of the stream.
 */
final class JpegLsSegments {
    private final String file;
    private final byte[] stream;
    /** Where the next read begins. */
    private int position;
    /** The name of the open segment. */
    private String segment = "";
    /** Where the open segment begins: the first byte of its length. */
    private int start;
    /** Where the open segment ends. */
    private int end;

    /**
     * @param file what messages name
     * @param stream the stream from its first byte
     */
    JpegLsSegments(String file, byte[] stream) {
        this.file = file;
        this.stream = stream;
    }

    /** {@return the marker at this position, 0xFF01 to 0xFFFE; fill bytes 0xFF before it are skipped} */
    int marker() {
        int first = position;
        while (position < stream.length && stream[position] == (byte) 0xFF) {
            position++;
        }
        if (position >= stream.length) {
            throw damaged("the JPEG-LS stream ends after " + stream.length + " bytes", "a marker, at the latest EOI");
        }
        if (position == first || stream[position] == 0) {
            throw damaged("no marker at byte " + first + " of the JPEG-LS stream", "0xFF and the code of a marker");
        }
        return 0xFF00 | (stream[position++] & 0xFF);
    }

    /** Opens the segment that follows a marker: reads its length. */
    void open(String name) {
        segment = name;
        start = position;
        end = stream.length;
        int length = u16();
        if (length < 2 || length > stream.length - start) {
            throw damaged(
                    "the segment " + name + " states a length of " + length + " bytes",
                    "at least 2, and no more than the " + (stream.length - start) + " that the stream has left");
        }
        end = start + length;
    }

    /** Checks the length of the open segment, which counts its own two bytes. */
    void requireLength(int length) {
        if (end - start != length) {
            throw damaged(
                    "the segment " + segment + " has a length of " + (end - start) + " bytes", String.valueOf(length));
        }
    }

    /** {@return bytes of the open segment that haven't been read} */
    int remaining() {
        return end - position;
    }

    /** Leaves the open segment. */
    void skip() {
        position = end;
    }

    /** {@return the next byte of the open segment, 0 to 255} */
    int u8() {
        if (position >= end) {
            throw damaged("the segment " + segment + " ends at byte " + end, "more bytes in it");
        }
        return stream[position++] & 0xFF;
    }

    /** {@return the next two bytes of the open segment, 0 to 65535} */
    int u16() {
        return u8() << 8 | u8();
    }

    /**
     * Opens the coded data at this position, which end before the next marker (0xFF and a byte of 0x80 or more, C.1.1) or with
     * the stream, and moves to that end.
     */
    JpegLsBits codedData() {
        int first = position;
        while (position < stream.length
                && !(stream[position] == (byte) 0xFF && position + 1 < stream.length && stream[position + 1] < 0)) {
            position++;
        }
        return new JpegLsBits(stream, first, position);
    }

    /** {@return the refusal of a stream that breaks the standard or differs from the header} */
    AttunetException damaged(String found, String expected) {
        return new AttunetException(
                file, found, expected, "copy the file again from its source, or encode the image anew");
    }

    /** {@return the refusal of a stream that uses a part of the standard, or of a vendor, that isn't supported} */
    AttunetException unsupported(String found, String expected) {
        return new AttunetException(
                file, "JPEG-LS with " + found, expected, "decompress the file with another program, such as dcmdjpls");
    }
}
