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

/**
 * A request's body in memory, in pieces: it takes what came and little more, whatever its headers announce, and is never
 * copied to grow.
 */
final class RequestBody {
    private static final int FIRST_PIECE = 1 << 14;
    private static final int LARGEST_PIECE = 1 << 20;
    private static final long MOST_DROPPED = 1 << 30;

    private final List<byte[]> pieces = new ArrayList<>();
    private final InferenceMemory.Part memory;
    private long length;

    private RequestBody(InferenceMemory.Part memory) {
        this.memory = memory;
    }

    /**
     * Reads to the end, also where the body is refused: clients that write all before they listen would not hear an answer
     * that cuts them short.
     *
     * @param announced the length by the request's header, -1 for none
     * @param most the longest body that is taken
     * @throws HttpFailure 413 where it is longer
     * @throws BusyException where other requests fill the memory
     */
    static RequestBody read(InputStream in, long announced, long most, InferenceMemory.Part memory) throws IOException {
        var body = new RequestBody(memory);
        try {
            if (announced > most) {
                throw tooLong(most);
            }
            body.fill(in, most);
            return body;
        } catch (OutOfMemoryError e) { // what is computed for others takes memory too
            body.clear();
            drop(in);
            throw new BusyException("the server's memory is full", false, 1);
        } catch (HttpFailure | BusyException e) {
            body.clear();
            drop(in);
            throw e;
        }
    }

    private void fill(InputStream in, long most) throws IOException {
        int size = FIRST_PIECE;
        while (true) {
            int room = (int) Math.min(size, most - length + 1); // one byte more shows a body that is too long
            memory.take(room);
            byte[] piece = in.readNBytes(room);
            memory.give(room - piece.length);
            pieces.add(piece);
            length += piece.length;
            if (length > most) {
                throw tooLong(most);
            }
            if (piece.length < room) {
                return;
            }
            size = Math.min(LARGEST_PIECE, 2 * size);
        }
    }

    private static void drop(InputStream in) throws IOException {
        byte[] dropped = new byte[FIRST_PIECE];
        for (long left = MOST_DROPPED; left > 0; ) {
            int read = in.read(dropped);
            left -= read < 0 ? left : read;
        }
    }

    private static HttpFailure tooLong(long most) {
        return new HttpFailure(
                413,
                "the body is longer than " + most + " bytes, which this server takes at most; send a smaller image");
    }

    /** Its length in bytes. */
    long length() {
        return length;
    }

    /** The bytes from one place on up to another. */
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

    /** Lets go of the bytes. */
    void clear() {
        pieces.clear();
        memory.give(length);
        length = 0;
    }
}
