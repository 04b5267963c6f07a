package org.attunet.dicom.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.attunet.error.AttunetException;

/** The bytes of a file in their order, with their position; what is asked for beyond the file's end is refused. */
final class ByteSource {
    private static final int BUFFER = 1 << 16;

    private final BufferedInputStream in;
    private final String name;
    private final long size;
    private long position;

    /**
     * @param size the position of the end; Long.MAX_VALUE if it isn't known
     */
    ByteSource(InputStream in, String name, long size) {
        this.in = new BufferedInputStream(in, BUFFER);
        this.name = name;
        this.size = size;
    }

    long position() {
        return position;
    }

    boolean atEnd() throws IOException {
        return peek(1).length == 0;
    }

    /** The next bytes, which are not taken; fewer at the end. */
    byte[] peek(int count) throws IOException {
        in.mark(count);
        byte[] next = in.readNBytes(count);
        in.reset();
        return next;
    }

    long number(int bytes, boolean bigEndian) throws IOException {
        long value = 0;
        for (int k = 0; k < bytes; k++) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            value |= (long) next << (8 * (bigEndian ? bytes - 1 - k : k));
        }
        position += bytes;
        return value;
    }

    byte[] bytes(long count) throws IOException {
        byte[] all = in.readNBytes(Math.toIntExact(count));
        position += all.length;
        if (all.length < count) {
            throw new EOFException();
        }
        return all;
    }

    void skip(long count) throws IOException {
        in.skipNBytes(count);
        position += count;
    }

    /** What follows. */
    InputStream rest() {
        return in;
    }

    /** Refuses a length that is more than the rest of the file, or than an array holds. */
    void require(long length, int tag) {
        if (length > size - position || length > Integer.MAX_VALUE - 8) {
            throw damaged(Tag.text(tag) + " has " + length + " bytes, more than the rest of the file");
        }
    }

    AttunetException damaged(String found) {
        return new AttunetException(name, found, "a whole DICOM file", "copy or export the file again");
    }
}
