package org.attunet.server.work;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The part of the Java heap that all requests and their results together may fill. An image that needs most of it is computed
 * while no other large one is. Thread-safe.
 */
public final class HeapMemory {
    private static final long PERMIT = 1 << 20;

    private final int permits;
    private final Semaphore free;

    /** @param bytes of all shares together */
    public HeapMemory(long bytes) {
        permits = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / PERMIT));
        free = new Semaphore(permits); // not fair: small requests needn't wait behind a large job
    }

    /** Returns the largest share in bytes. */
    public long most() {
        return permits * PERMIT;
    }

    /** Returns the share of one request, empty at first. */
    public Share share() {
        return new Share();
    }

    private long wanted(long bytes) {
        long wanted = (bytes + PERMIT - 1) / PERMIT;
        if (wanted > permits) {
            throw new InputException(
                    InputException.Fault.TOO_LARGE,
                    "the request",
                    "with its results it needs " + wanted + " MiB",
                    "at most " + permits + " MiB of the server's memory",
                    "send a smaller image or batch, ask for fewer outputs, or have the server's -Xmx raised");
        }
        return wanted;
    }

    /** The memory of one request, released when all its holders have closed it. One thread at a time may take and give. */
    public final class Share implements AutoCloseable {
        private final AtomicInteger holders = new AtomicInteger(1);
        private long bytes;
        private int held;

        private Share() {}

        /** Adds a holder, which calls {@link #close} in its turn. */
        public void hold() {
            holders.incrementAndGet();
        }

        /**
         * Takes more bytes, at once or not at all.
         *
         * @throws InputException if this request alone would exceed the memory
         * @throws BusyException if other requests hold it
         */
        public void take(long more) {
            long sum = more > Long.MAX_VALUE - PERMIT - bytes ? Long.MAX_VALUE - PERMIT : bytes + more;
            long wanted = wanted(sum);
            if (wanted > held && !free.tryAcquire((int) wanted - held)) {
                throw new BusyException("other requests fill the server's memory", false, 1);
            }
            held = (int) Math.max(held, wanted);
            bytes = sum;
        }

        /**
         * Takes all of these bytes, and waits until other shares are given back if necessary.
         *
         * @throws InputException if this request alone would exceed the memory
         * @throws InterruptedException if nobody waits for the result any more
         */
        void await(long all) throws InterruptedException {
            int wanted = (int) wanted(all);
            free.acquire(wanted);
            held += wanted;
            bytes += all;
        }

        /** Gives back the bytes of something that is no longer held. */
        public void give(long less) {
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
