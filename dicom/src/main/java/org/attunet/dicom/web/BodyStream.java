package org.attunet.dicom.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.attunet.error.Interruption;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as a stream that waits for the server only so long; the JDK's own waits for ever. One read is asked
 * for at a time, so a server that is faster than the disk fills no memory.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Duration silence;
    private final BlockingQueue<List<ByteBuffer>> received = new LinkedBlockingQueue<>();
    private @Nullable Subscription subscription;
    private boolean closed;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;
    private Iterator<ByteBuffer> buffers = Collections.emptyIterator();
    private ByteBuffer current = NOTHING;

    /**
     * @param silence how long the server may send nothing
     */
    BodyStream(Duration silence) {
        this.silence = silence;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public synchronized void onSubscribe(Subscription subscription) {
        if (closed) {
            subscription.cancel();
        } else {
            this.subscription = subscription;
            subscription.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        received.add(buffers);
    }

    @Override
    public void onError(Throwable failure) {
        this.failure = failure;
        onComplete();
    }

    @Override
    public void onComplete() {
        ended = true;
        received.add(List.of());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int from, int length) throws IOException {
        while (!current.hasRemaining()) {
            if (buffers.hasNext()) {
                current = buffers.next();
            } else if (ended && received.isEmpty()) {
                Throwable cause = failure;
                if (cause != null) {
                    throw new IOException("the connection broke off", cause);
                }
                return -1;
            } else {
                buffers = take().iterator();
            }
        }
        int count = Math.min(length, current.remaining());
        current.get(to, from, count);
        return count;
    }

    private List<ByteBuffer> take() throws IOException {
        try {
            List<ByteBuffer> next = received.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new IOException("it sent nothing for " + silence.toSeconds() + " s");
            }
            synchronized (this) {
                if (subscription != null) {
                    subscription.request(1);
                }
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Interruption.cancellation();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
