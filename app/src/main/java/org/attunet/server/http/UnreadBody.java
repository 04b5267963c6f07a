package org.attunet.server.http;

import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/**
 * The body of a request that was refused unread. Closing a connection on which bytes are still arriving resets it, and the
 * client may lose the response. So they are read, without a thread that waits for them, up to a limit of bytes and time.
 */
final class UnreadBody implements Runnable {
    static final long LONGEST_MS = 2000;

    private static final long MOST_BYTES = 16 << 20;

    private final Request request;
    private final Callback end;
    private final AtomicBoolean ended = new AtomicBoolean();
    private long read;

    /** @param end called once, when nothing more is read */
    UnreadBody(Request request, Callback end) {
        this.request = request;
        this.end = end;
    }

    /** Reads what has arrived, and goes on when more does. */
    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            read += chunk.remaining();
            boolean last = chunk.isLast() || Content.Chunk.isFailure(chunk);
            chunk.release();
            if (last || read > MOST_BYTES) {
                if (ended.compareAndSet(false, true)) {
                    end.succeeded();
                }
                return;
            }
        }
    }

    /** Closes the connection of a client that is still sending, which ends the reading. */
    void breakOff() {
        if (!ended.get()) {
            request.getConnectionMetaData().getConnection().getEndPoint().close();
        }
    }
}
