package org.attunet.server.http;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A request in progress: how many bytes its client has sent and taken, and how long the server has waited for the client.
 * Waiting for a model is not counted. Thread-safe.
 */
final class Exchange extends Request.Wrapper {
    /** Bytes per second, over all the time that the server has waited for the client. */
    private static final long LEAST_RATE = 1024;

    private static final double PATIENCE = 10; // seconds of waiting before the rate counts
    private static final double LONGEST_SILENCE = 20; // seconds without a byte of a body
    private static final long EVICTABLE_RATE = 16 << 10;
    private static final double EVICTABLE_AFTER = 1;
    private static final double SLOW_WRITE = 1; // seconds; a client that takes its response needs less

    /** The attribute of a request whose client left in the middle of its body or of the response. */
    static final String BROKEN_OFF = "attunet.broken_off";

    private final long most;
    private final Runnable bodyEnded;
    private boolean bodyOpen;
    private boolean ended;
    private long received;
    private long moved;
    private long waited; // nanoseconds, up to the current wait
    private long waitingSince; // System.nanoTime
    private boolean reading;
    private boolean writing;
    private @Nullable Runnable demand;
    private Content.@Nullable Chunk failure;

    /**
     * @param most bytes of the body
     * @param bodyEnded called once if there is a body, when it was read to its end or nobody will read it
     */
    Exchange(Request request, long most, Runnable bodyEnded) {
        super(request);
        this.most = most;
        this.bodyEnded = bodyEnded;
        bodyOpen = hasBody(request);
    }

    static boolean hasBody(Request request) {
        return request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                || request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0;
    }

    @Override
    public Content.@Nullable Chunk read() {
        synchronized (this) {
            if (failure != null) {
                return failure;
            }
        }
        Content.Chunk chunk = super.read();
        if (chunk == null) {
            return null;
        }
        if (Content.Chunk.isFailure(chunk)) {
            setAttribute(BROKEN_OFF, true);
        }
        Content.Chunk result = counted(chunk);
        if (result.isLast()) {
            endBody();
        }
        return result;
    }

    private synchronized Content.Chunk counted(Content.Chunk chunk) {
        received += chunk.remaining();
        moved += chunk.remaining();
        if (received > most) {
            chunk.release();
            failure = Content.Chunk.from(new BodyException(413, tooLong(most)), true);
            return failure;
        }
        return chunk;
    }

    static String tooLong(long most) {
        return "the request is longer than " + most
                + " bytes, the server's limit; send fewer images at once, or have its --max-body raised";
    }

    private void endBody() {
        synchronized (this) {
            if (!bodyOpen) {
                return;
            }
            bodyOpen = false;
        }
        bodyEnded.run();
    }

    @Override
    public void demand(Runnable callback) {
        Runnable once = () -> {
            if (take(callback)) {
                callback.run();
            }
        };
        synchronized (this) {
            demand = callback;
            reading = true;
            waitingSince = System.nanoTime();
        }
        super.demand(once);
    }

    /** Whether this callback is still to be called; either Jetty calls it or {@link #abort}. */
    private synchronized boolean take(Runnable callback) {
        if (demand != callback) {
            return false;
        }
        demand = null;
        reading = false;
        waited += System.nanoTime() - waitingSince;
        return true;
    }

    /** The response, whose writing is timed. */
    Response timed(Response response) {
        return new Response.Wrapper(this, response) {
            @Override
            public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
                beginWrite(BufferUtil.length(content));
                super.write(last, content, new Callback.Nested(callback) {
                    @Override
                    public void succeeded() {
                        endWrite();
                        super.succeeded();
                    }

                    @Override
                    public void failed(Throwable failure) {
                        endWrite();
                        setAttribute(BROKEN_OFF, true);
                        super.failed(failure);
                    }
                });
            }
        };
    }

    private synchronized void beginWrite(long bytes) {
        moved += bytes;
        writing = true;
        waitingSince = System.nanoTime();
    }

    private synchronized void endWrite() {
        writing = false;
        waited += System.nanoTime() - waitingSince;
    }

    private double seconds(long now) {
        return (waited + (reading || writing ? now - waitingSince : 0)) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private double rate(long now) {
        return moved / Math.max(1e-3, seconds(now));
    }

    /** Whether the client is too slow to be waited for any longer. */
    synchronized boolean isTooSlow(long now) {
        boolean silent = reading && waitingSeconds(now) > LONGEST_SILENCE;
        return isWaiting(now) && (silent || (seconds(now) > PATIENCE && rate(now) < LEAST_RATE));
    }

    /** Whether the server waits for the client now: for its body, or longer than any write takes for its reading. */
    private boolean isWaiting(long now) {
        return reading || (writing && waitingSeconds(now) > SLOW_WRITE);
    }

    /** The seconds of the current wait. */
    private double waitingSeconds(long now) {
        return (now - waitingSince) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    /** The bytes per second if this may be ended to make room for another request; else infinity. */
    synchronized double evictableRate(long now) {
        double rate = rate(now);
        boolean evictable = isWaiting(now) && seconds(now) > EVICTABLE_AFTER && rate < EVICTABLE_RATE;
        return evictable ? rate : Double.POSITIVE_INFINITY;
    }

    /** Ends the exchange: reading the body fails with 408, or the connection is closed in the middle of the response. */
    void abort() {
        Runnable waiting;
        synchronized (this) {
            if (writing && isWaiting(System.nanoTime())) {
                waiting = null;
            } else if (failure == null && demand != null) {
                failure = Content.Chunk.from(
                        new BodyException(408, "the body arrives too slowly; send it faster, or in smaller requests"),
                        true);
                waiting = demand;
                take(waiting);
            } else {
                return;
            }
        }
        endBody();
        if (waiting == null) {
            getConnectionMetaData().getConnection().getEndPoint().close();
        } else {
            getComponents().getExecutor().execute(waiting);
        }
    }

    /** Notes that nothing more happens; returns false if that was noted before. */
    boolean end() {
        endBody();
        synchronized (this) {
            boolean first = !ended;
            ended = true;
            return first;
        }
    }
}
