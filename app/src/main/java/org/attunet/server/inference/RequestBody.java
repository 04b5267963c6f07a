package org.attunet.server.inference;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.BusyException;
import org.attunet.server.work.HeapMemory;
import org.attunet.server.work.InputException;

/**
 * A request body in memory, in pieces: it allocates little more than the bytes that arrived, whatever the headers announce,
 * and never copies to grow.
 */
final class RequestBody {
    private static final int FIRST_PIECE = 1 << 14;
    private static final int LARGEST_PIECE = 1 << 20;

    private final List<byte[]> pieces = new ArrayList<>();
    private final HeapMemory.Share memory;
    private long length;

    private RequestBody(HeapMemory.Share memory) {
        this.memory = memory;
    }

    /**
     * Reads the body to its end.
     *
     * @param announced the length by the request header, -1 if there is none
     * @param most the longest body that is accepted, in bytes
     * @throws HttpFailure 413 if it is longer
     * @throws BusyException if other requests fill the memory
     */
    static RequestBody read(InputStream in, long announced, long most, HeapMemory.Share memory) throws IOException {
        var body = new RequestBody(memory);
        try {
            requireLength(announced, most);
            body.fill(in, most);
            return body;
        } catch (OutOfMemoryError | HttpFailure | InputException | BusyException e) {
            body.clear();
            if (e instanceof OutOfMemoryError) { // predictions for other clients use the heap too
                throw new BusyException("the server's memory is full", false, 1);
            }
            throw e;
        }
    }

    private void fill(InputStream in, long most) throws IOException {
        for (int size = FIRST_PIECE; ; size = Math.min(LARGEST_PIECE, 2 * size)) {
            int room = (int) Math.min(size, most - length + 1); // one byte more reveals a body that is too long
            memory.take(room);
            byte[] piece = in.readNBytes(room);
            memory.give(room - piece.length);
            pieces.add(piece);
            length += piece.length;
            requireLength(length, most);
            if (piece.length < room) {
                return;
            }
        }
    }

    private static void requireLength(long length, long most) {
        if (length > most) {
            throw new HttpFailure(
                    413, "the body is longer than " + most + " bytes, the server's limit; send a smaller image");
        }
    }

    long length() {
        return length;
    }

    /** Returns a stream of the bytes {@code from} (inclusive) to {@code to} (exclusive). */
    InputStream stream(long from, long to) {
        List<InputStream> parts = new ArrayList<>();
        long start = 0;
        for (byte[] piece : pieces) {
            long first = Math.max(from, start);
            long end = Math.min(to, start + piece.length);
            if (first < end) {
                parts.add(new ByteArrayInputStream(piece, (int) (first - start), (int) (end - first)));
            }
            start += piece.length;
        }
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    /** Releases the bytes and their memory. */
    void clear() {
        pieces.clear();
        memory.give(length);
        length = 0;
    }
}
