package org.attunet.predict;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/**
 * The runs of one session of ONNX Runtime, each in another thread than its caller's, which leaves a run at once when it is
 * interrupted. Native code doesn't notice interruptions, and the library ends a run between two operations only, each of
 * which takes seconds for a large block: a run that was left ends after its current operation and then frees its memory.
 *
 * <p>Thread-safe.
 */
final class SessionCalls {
    private static final long PERIOD_MS = 400;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** One thread stays for good: the library flushes denormal numbers in the thread that opened the first session. */
    private static final ExecutorService THREADS =
            new ThreadPoolExecutor(1, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "attunet-onnx-" + NUMBER.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });

    private final OrtSession session;
    private int running;
    private int left; // runs whose callers are gone
    private boolean closed;

    SessionCalls(OrtSession session) {
        this.session = session;
    }

    /** Work with the session. */
    interface Call<T> {
        T run(OrtSession.RunOptions options) throws OrtException;
    }

    /** Opens a session, or does other short native work, in a thread of the runs. */
    static <T> T inThread(Callable<T> work) throws OrtException {
        Future<T> future = THREADS.submit(work);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs the session.
     *
     * @param large whether the memory that the run takes goes back to the system after it, and whether it waits until runs
     *     that were left have freed theirs
     * @param waiting called about twice a second until the result is there; an exception from it ends the run
     * @throws java.util.concurrent.CancellationException if the calling thread is interrupted, and stays so
     */
    <T> T call(boolean large, Runnable waiting, Call<T> work) throws OrtException {
        Run<T> run = begin(large, work);
        Future<T> future = THREADS.submit(run);
        try {
            while (true) {
                try {
                    return future.get(PERIOD_MS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    waiting.run();
                }
            }
        } catch (InterruptedException e) {
            leave(run);
            Thread.currentThread().interrupt();
            throw Interruption.cancellation();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (RuntimeException | Error e) { // of the caller's
            leave(run);
            throw e;
        }
    }

    private synchronized <T> Run<T> begin(boolean large, Call<T> work) throws OrtException {
        while (large && left > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Interruption.check();
        }
        if (closed) {
            throw new IllegalStateException("the segmenter is closed; open the model again");
        }
        var run = new Run<>(work, large);
        running++;
        return run;
    }

    private synchronized void leave(Run<?> run) throws OrtException {
        if (!run.ended) {
            run.left = true;
            left++;
            run.options.setTerminate(true);
        }
    }

    private synchronized void end(Run<?> run) {
        run.ended = true;
        run.options.close();
        left -= run.left ? 1 : 0;
        running--;
        notifyAll();
        if (closed && running == 0) {
            free();
        }
    }

    /** Refuses further runs and frees the session after those that are under way. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            if (running == 0) {
                free();
            }
        }
    }

    private void free() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new AttunetException(
                    "model", "cannot be closed (" + e.getMessage() + ")", "an open model", "start again", e);
        }
    }

    private static OrtException failure(ExecutionException e) throws OrtException {
        Throwable cause = e.getCause();
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof OrtException failure ? failure : new OrtException(String.valueOf(cause));
    }

    /** One run with its options. */
    private final class Run<T> implements Callable<T> {
        private final Call<T> work;
        private final OrtSession.RunOptions options = new OrtSession.RunOptions();
        private boolean ended;
        private boolean left;

        Run(Call<T> work, boolean large) throws OrtException {
            this.work = work;
            if (large) {
                options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            }
        }

        @Override
        public T call() throws OrtException {
            try {
                return work.run(options);
            } finally {
                end(this);
            }
        }
    }
}
