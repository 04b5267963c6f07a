package org.attunet.server.inference;

import java.util.concurrent.Semaphore;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.BusyException;

/**
 * The part of the Java heap that requests and their results may fill, all of them together: half of it. The other half is
 * for everything else. Thread-safe.
 */
final class InferenceMemory {
    private static final long PERMIT = 1 << 20;

    private final int permits;
    private final Semaphore free;

    /**
     * @param heap the bytes of the whole heap
     */
    InferenceMemory(long heap) {
        permits = (int) Math.max(1, Math.min(Integer.MAX_VALUE, heap / 2 / PERMIT));
        free = new Semaphore(permits);
    }

    /** The part of one request, empty at first. */
    Part part() {
        return new Part();
    }

    /** What one request fills. For one thread. */
    final class Part implements AutoCloseable {
        private long bytes;
        private int held;

        private Part() {}

        /**
         * Takes more, at once or not at all.
         *
         * @throws HttpFailure where one request alone would have more than there is
         * @throws BusyException where others have it
         */
        void take(long more) {
            long sum = more > Long.MAX_VALUE - PERMIT - bytes ? Long.MAX_VALUE - PERMIT : bytes + more;
            long wanted = (sum + PERMIT - 1) / PERMIT;
            if (wanted > permits) {
                throw new HttpFailure(
                        413,
                        "the request and its results need " + wanted + " MiB; expected at most " + permits
                                + " MiB, half of the server's memory: send a smaller batch or ask for fewer outputs");
            }
            if (wanted > held && !free.tryAcquire((int) wanted - held)) {
                throw new BusyException("other requests fill the server's memory", false, 1);
            }
            held = (int) Math.max(held, wanted);
            bytes = sum;
        }

        /** Gives back what was taken for something that is no longer held. */
        void give(long less) {
            bytes -= less;
            int needed = (int) ((bytes + PERMIT - 1) / PERMIT);
            free.release(held - needed);
            held = needed;
        }

        @Override
        public void close() {
            give(bytes);
        }
    }
}
