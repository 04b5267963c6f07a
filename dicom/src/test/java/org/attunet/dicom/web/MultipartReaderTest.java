package org.attunet.dicom.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MultipartReaderTest {
    private static final long MOST = 1 << 24;

    @Test
    void parts_of_any_length_come_out_as_they_went_in_however_the_stream_is_cut() throws IOException {
        Random random = new Random(7);
        for (int pieces : new int[] {1, 3, 1000, 1 << 20}) {
            List<byte[]> parts = new ArrayList<>();
            for (int size : new int[] {0, 1, 5, 1 << 17, (1 << 17) - 9, 200_001}) {
                byte[] part = new byte[pieces == 1 ? Math.min(size, 5000) : size];
                random.nextBytes(part);
                parts.add(part);
            }
            parts.add("\r\n--bound\r\n--boundary-not\r\n--boundaryX--\r".getBytes(StandardCharsets.US_ASCII));
            MultipartReader reader = new MultipartReader(cut(body(parts), pieces), "boundary");
            for (byte[] part : parts) {
                assertTrue(reader.next());
                assertEquals("application/dicom", reader.contentType());
                assertArrayEquals(part, copy(reader));
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void a_preamble_spaces_after_the_boundary_and_parts_without_headers_are_read() throws IOException {
        MultipartReader reader =
                reader("ignored\r\n--b \t\r\n\r\none\r\n--b\r\nA: b\r\ncontent-TYPE:  x/y; z=1 \r\n\r\ntwo\r\n--b--");
        assertTrue(reader.next());
        assertEquals("", reader.contentType());
        assertEquals("one", new String(copy(reader), StandardCharsets.US_ASCII));
        assertTrue(reader.next());
        assertEquals("x/y; z=1", reader.contentType());
        assertEquals("two", new String(copy(reader), StandardCharsets.US_ASCII));
        assertFalse(reader.next());
    }

    @Test
    void a_body_that_ends_early_is_no_whole_one() throws IOException {
        String whole = "--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b--";
        for (int length = 0; length < whole.length(); length++) {
            MultipartReader reader = reader(whole.substring(0, length));
            assertThrows(EOFException.class, () -> {
                while (reader.next()) {
                    copy(reader);
                }
            });
        }
    }

    @Test
    void what_never_ends_is_given_up() {
        byte[] zeros = new byte[1 << 20];
        MultipartReader other = new MultipartReader(new ByteArrayInputStream(zeros), "b");
        assertTrue(assertThrows(IOException.class, other::next).getMessage().contains("before a boundary"));
        String headers = "--b\r\n" + "X: y\r\n".repeat(10_000);
        assertTrue(assertThrows(IOException.class, reader(headers)::next)
                .getMessage()
                .contains("headers"));
        String header = "--b\r\nX: " + "y".repeat(100_000);
        assertTrue(assertThrows(IOException.class, reader(header)::next)
                .getMessage()
                .contains("header"));
    }

    private static MultipartReader reader(String text) {
        return new MultipartReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), "b");
    }

    private static byte[] copy(MultipartReader reader) throws IOException {
        var out = new ByteArrayOutputStream();
        reader.transferTo(out, MOST);
        return out.toByteArray();
    }

    private static byte[] body(List<byte[]> parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(
                    "\r\n--boundary\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(part);
        }
        all.writeBytes("\r\n--boundary--\r\n".getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    /** A stream that gives so many bytes at once. */
    private static InputStream cut(byte[] all, int pieces) {
        return new ByteArrayInputStream(all) {
            @Override
            public int read(byte[] to, int from, int length) {
                return super.read(to, from, Math.min(length, pieces));
            }
        };
    }
}
