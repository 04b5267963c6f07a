package org.attunet.dicom.web;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads the parts of a multipart body (RFC 2046, 5.1) one after another, in memory of a fixed size whatever the parts' sizes.
 *
 * <p>Not thread-safe.
 */
final class MultipartReader {
    private static final int BUFFER = 1 << 17;
    private static final int MOST_HEADERS = 1 << 14;
    private static final int MOST_PREAMBLE = 1 << 16;

    private final InputStream in;
    private final byte[] delimiter; // a line's end, two dashes, the boundary
    private final byte[] buffer = new byte[BUFFER];
    private int begin;
    private int end;
    private boolean first = true;
    private String contentType = "";

    MultipartReader(InputStream in, String boundary) {
        this.in = in;
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        buffer[0] = '\r'; // so that the first delimiter is like the others
        buffer[1] = '\n';
        end = 2;
    }

    /**
     * Moves to the next part; the one before must have been copied.
     *
     * @return whether there is one
     * @throws EOFException if the body ends without its last delimiter
     */
    boolean next() throws IOException {
        if (first) {
            transferTo(OutputStream.nullOutputStream(), MOST_PREAMBLE);
            first = false;
        }
        require(2);
        if (buffer[begin] == '-' && buffer[begin + 1] == '-') {
            return false;
        }
        contentType = "";
        line(); // spaces after the delimiter
        int headers = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers += line.length();
            if (headers > MOST_HEADERS) {
                throw new IOException("a part's headers are longer than " + MOST_HEADERS + " bytes");
            }
            if (line.toLowerCase(Locale.ROOT).startsWith("content-type:")) {
                contentType = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return true;
    }

    /** The part's content type; empty if it states none. */
    String contentType() {
        return contentType;
    }

    /**
     * Copies the part.
     *
     * @param most bytes
     * @throws IOException if it is longer, or the body ends within it
     */
    void transferTo(OutputStream out, long most) throws IOException {
        long copied = 0;
        while (true) {
            int at = find();
            int safe = at >= 0 ? at : Math.max(begin, end - delimiter.length - 1);
            copied += safe - begin;
            if (copied > most) {
                throw new IOException("more than " + most + " bytes come before a boundary");
            }
            out.write(buffer, begin, safe - begin);
            begin = safe;
            if (at >= 0) {
                begin += delimiter.length;
                return;
            }
            fill();
        }
    }

    /** Where the next delimiter begins whose line can be seen to be one; -1 if there is none yet. */
    private int find() {
        int last = end - delimiter.length - 2;
        for (int at = begin; at <= last; at++) {
            if (buffer[at] == '\r' && matches(at)) {
                return at;
            }
        }
        return -1;
    }

    private boolean matches(int at) {
        for (int k = 1; k < delimiter.length; k++) {
            if (buffer[at + k] != delimiter[k]) {
                return false;
            }
        }
        byte after = buffer[at + delimiter.length];
        byte then = buffer[at + delimiter.length + 1];
        return after == ' ' || after == '\t' || (after == '\r' && then == '\n') || (after == '-' && then == '-');
    }

    /** Reads up to a line's end, which is taken but not returned. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            require(2);
            if (buffer[begin] == '\r' && buffer[begin + 1] == '\n') {
                begin += 2;
                return line.toString(StandardCharsets.ISO_8859_1);
            }
            line.write(buffer[begin++]);
            if (line.size() > MOST_HEADERS) {
                throw new IOException("a part's header is longer than " + MOST_HEADERS + " bytes");
            }
        }
    }

    private void require(int bytes) throws IOException {
        while (end - begin < bytes) {
            fill();
        }
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, begin, buffer, 0, end - begin);
        end -= begin;
        begin = 0;
        int count = in.read(buffer, end, buffer.length - end);
        if (count < 0) {
            throw new EOFException("the response ends within a part");
        }
        end += count;
    }
}
