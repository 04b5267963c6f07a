package org.attunet.server.inference;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.BusyException;

/** The half of the Java heap that all inference requests and their results together may fill. Thread-safe. */
final class InferenceMemory {
    private static final long PERMIT = 1 << 20;

    private final int permits;
    private final Semaphore free;

    /** @param heap the bytes of the whole heap */
    InferenceMemory(long heap) {
        permits = (int) Math.max(1, Math.min(Integer.MAX_VALUE, heap / 2 / PERMIT));
        free = new Semaphore(permits);
    }

    /** Returns the share of one request, empty at first. */
    Share share() {
        return new Share();
    }

    /** The memory of one request, released when all its holders have closed it. One thread at a time may take and give. */
    final class Share implements AutoCloseable {
        private final AtomicInteger holders = new AtomicInteger(1);
        private long bytes;
        private int held;

        private Share() {}

        /** Adds a holder, which calls {@link #close} in its turn. */
        void hold() {
            holders.incrementAndGet();
        }

        /**
         * Takes more bytes, at once or not at all.
         *
         * @throws HttpFailure 413 if this request alone would exceed the memory
         * @throws BusyException if other requests hold it
         */
        void take(long more) {
            long sum = more > Long.MAX_VALUE - PERMIT - bytes ? Long.MAX_VALUE - PERMIT : bytes + more;
            long wanted = (sum + PERMIT - 1) / PERMIT;
            if (wanted > permits) {
                throw HttpFailure.tooLarge(
                        "the request and its results need " + wanted + " MiB",
                        "at most " + permits + " MiB, half of the server's memory: send a smaller batch or ask for"
                                + " fewer outputs");
            }
            if (wanted > held && !free.tryAcquire((int) wanted - held)) {
                throw new BusyException("other requests fill the server's memory", false, 1);
            }
            held = (int) Math.max(held, wanted);
            bytes = sum;
        }

        /** Gives back the bytes of something that is no longer held. */
        void give(long less) {
            bytes -= less;
            int needed = (int) ((bytes + PERMIT - 1) / PERMIT);
            free.release(held - needed);
            held = needed;
        }

        @Override
        public void close() {
            if (holders.decrementAndGet() == 0) {
                give(bytes);
            }
        }
    }
}
