package org.attunet.server.work;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.error.AttunetException;

/**
 * The one way to the models: a few worker threads and a bounded queue before them, first come, first served.
 *
 * <p>So memory holds what the workers compute and no more, however many clients there are; a request that finds the queue
 * full is refused at once. Jobs, which wait on disk, come to the queue one image for each worker at a time and take no
 * place in it: a long list of jobs slows requests down, but never shuts them out.
 */
public final class WorkQueue implements AutoCloseable {
    private static final double USUAL_SECONDS = 1;
    private static final double SMOOTHING = 0.1;

    private final int workers;
    private final int waiting;
    private final ThreadPoolExecutor threads;
    private final Semaphore places;
    private final AtomicInteger running = new AtomicInteger();
    private volatile double meanSeconds = USUAL_SECONDS;
    private volatile boolean stopping;

    /**
     * @param workers how many segmentations run at the same time, 1 or more
     * @param waiting how many requests may wait beside those that run, 0 or more
     */
    public WorkQueue(int workers, int waiting) {
        this.workers = workers;
        this.waiting = waiting;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(workers, workers, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), run -> {
            Thread thread = new Thread(run, "compute-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        var unused = threads.prestartAllCoreThreads(); // later there might be none to be had
        places = new Semaphore(workers + waiting, true);
    }

    /**
     * Computes for a client that waits.
     *
     * @param limit how long the client waits at most, in the queue and for the result; a work that is under way then is
     *     ended where it next tells its progress
     * @param after called once, when the work has ended or will not be begun, be it long after this method has thrown
     * @throws BusyException where the queue is full or the server ends
     * @throws TimeoutException where the limit is reached
     */
    public <T> T request(Callable<T> work, Duration limit, Runnable after) throws Exception {
        Task<T> task;
        try {
            requireRoom();
            if (!places.tryAcquire()) {
                throw full();
            }
            task = new Task<>(work, () -> {
                places.release();
                after.run();
            });
        } catch (BusyException e) {
            after.run();
            throw e;
        }
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            task.abandon();
            throw stopping();
        }
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw stopping && e.getCause() instanceof CancellationException ? stopping() : unwrapped(e);
        } catch (CancellationException e) {
            throw stopping();
        } finally {
            task.cancel(true);
        }
    }

    /** The same, with nothing to do afterwards. */
    public <T> T request(Callable<T> work, Duration limit) throws Exception {
        return request(work, limit, () -> {});
    }

    /**
     * Refuses what would be refused anyway, before anything is done for it.
     *
     * @throws BusyException where the queue is full or the server ends
     */
    public void requireRoom() {
        if (stopping) {
            throw stopping();
        }
        if (places.availablePermits() == 0) {
            throw full();
        }
    }

    private static BusyException stopping() {
        return new BusyException("the server is stopping", true, 1);
    }

    private BusyException full() {
        return new BusyException(
                "the queue is full (at work: " + workers + ", waiting: " + waiting + ")", false, secondsToWait());
    }

    /**
     * Computes an image of a job, after all that is queued now; returns when it's done.
     *
     * @throws InterruptedException where the calling thread is interrupted, which ends the work too
     */
    public void job(Runnable work) throws InterruptedException {
        var task = new Task<Void>(
                () -> {
                    work.run();
                    return null;
                },
                () -> {});
        try {
            threads.execute(task);
            task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a job's work reports its failures itself", e.getCause());
        } catch (CancellationException | RejectedExecutionException e) {
            throw new InterruptedException("the server ends");
        } finally {
            task.cancel(true);
        }
    }

    /** Ends the calling work where nobody wants its result any more; a work calls it where it tells its progress. */
    public static void checkWanted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("nobody waits for the result");
        }
    }

    /** One work in the queue, which gives its place back once, however it ends. */
    private final class Task<T> extends FutureTask<T> {
        private final Runnable release;
        private final AtomicBoolean released = new AtomicBoolean();

        Task(Callable<T> work, Runnable release) {
            super(() -> timed(work));
            this.release = release;
        }

        @Override
        public void run() {
            try {
                super.run();
            } finally {
                Thread.interrupted(); // a late cancellation is not the next work's business
                releaseOnce();
            }
        }

        /** Will not be run, for the queue that it stood in is gone. */
        void abandon() {
            cancel(false);
            releaseOnce();
        }

        private void releaseOnce() {
            if (released.compareAndSet(false, true)) {
                release.run();
            }
        }

        @Override
        protected void done() {
            // Cancelled in the queue: it will not run, so the place is free now. A work under way keeps it to its end.
            if (isCancelled() && threads.getQueue().remove(this)) {
                releaseOnce();
            }
        }
    }

    private <T> T timed(Callable<T> work) throws Exception {
        running.incrementAndGet();
        long began = System.nanoTime();
        try {
            T result = work.call();
            took((System.nanoTime() - began) / 1e9);
            return result;
        } catch (InputException e) {
            throw e;
        } catch (AttunetException e) { // a file that an interruption has closed is no fault of the server's
            throw Thread.currentThread().isInterrupted() ? cancelled(e) : e;
        } finally {
            running.decrementAndGet();
        }
    }

    private static CancellationException cancelled(AttunetException e) {
        var cancelled = new CancellationException("nobody waits for the result");
        cancelled.initCause(e);
        return cancelled;
    }

    private synchronized void took(double seconds) {
        meanSeconds = (1 - SMOOTHING) * meanSeconds + SMOOTHING * seconds;
    }

    private static Exception unwrapped(ExecutionException e) throws Exception {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof Exception cause ? cause : e;
    }

    private int secondsToWait() {
        return (int) Math.max(1, Math.min(600, Math.ceil(meanSeconds * (waiting + 1) / workers)));
    }

    /** How many works wait. */
    public int queued() {
        return threads.getQueue().size();
    }

    /** How many works are computed now. */
    public int running() {
        return running.get();
    }

    /** How many works are computed at the same time. */
    public int workers() {
        return workers;
    }

    /** Takes in no more requests; what was taken in goes on. */
    public void drain() {
        stopping = true;
    }

    /** Whether {@link #drain} was called. */
    public boolean draining() {
        return stopping;
    }

    /** Ends what still waits and what runs, the latter where it next tells its progress; its clients are told so. */
    @Override
    public void close() {
        drain();
        for (Runnable task : threads.shutdownNow()) {
            ((Task<?>) task).abandon();
        }
    }
}
