package org.attunet.server.work;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/**
 * The only access to the models: a few worker threads behind a bounded queue, first come, first served.
 *
 * <p>Memory thus holds only what the workers compute, however many clients there are; a request that finds the queue full is
 * refused at once. Jobs, which wait on disk, enter the queue one image per worker at a time without using up its places: a
 * long list of jobs slows requests down but never locks them out: while jobs occupy all workers, one more takes requests.
 */
public final class WorkQueue implements AutoCloseable {
    private static final double INITIAL_SECONDS = 1;
    private static final double SMOOTHING = 0.1;

    private final int workers;
    private final int waiting;
    private final Duration limit;
    private final ThreadPoolExecutor threads;
    private final Semaphore places;
    private final AtomicInteger running = new AtomicInteger();
    private volatile double meanSeconds = INITIAL_SECONDS;
    private volatile boolean stopping;
    private int jobs; // images of jobs that are computed now

    /**
     * Starts the workers.
     *
     * @param workers the number of segmentations at the same time, 1 or more; at most one more in the case above
     * @param waiting how many requests may wait in addition to the running ones, 0 or more
     * @param limit how long a client waits at most, in the queue and for the result
     */
    public WorkQueue(int workers, int waiting, Duration limit) {
        this.workers = workers;
        this.waiting = waiting;
        this.limit = limit;
        threads = new ThreadPoolExecutor(
                workers, workers + 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemonThreads("compute"));
        var unused = threads.prestartAllCoreThreads(); // later the system might refuse new threads
        places = new Semaphore(workers + waiting, true);
    }

    /** Returns a factory of threads that don't keep the process alive, named NAME-1, NAME-2, …. */
    public static ThreadFactory daemonThreads(String name) {
        AtomicInteger number = new AtomicInteger();
        return run -> {
            Thread thread = new Thread(run, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Waits until a count is 0, or for this long. */
    public static void awaitNone(LongSupplier count, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (count.getAsLong() > 0 && System.nanoTime() < end) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Runs a task for a client that waits. A task that is still running at the time limit is interrupted and ends at its next
     * {@link Interruption#check}.
     *
     * @param after called once, when the task has ended or won't start, maybe long after this method has thrown
     * @throws BusyException if the queue is full or the server is stopping
     * @throws TimeoutException if the limit is reached
     */
    public <T> T request(Callable<T> work, Runnable after) throws Exception {
        return request(work, limit, after);
    }

    /** Runs a task for a client that waits at most this long. */
    public <T> T request(Callable<T> work, Duration patience, Runnable after) throws Exception {
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
            throw BusyException.stopping();
        }
        try {
            return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (stopping && e.getCause() instanceof CancellationException) {
                throw BusyException.stopping();
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (CancellationException e) {
            throw BusyException.stopping();
        } finally {
            task.cancel(true);
        }
    }

    /**
     * Refuses early what {@link #request} would refuse.
     *
     * @throws BusyException if the queue is full or the server is stopping
     */
    public void requireRoom() {
        if (stopping) {
            throw BusyException.stopping();
        }
        if (places.availablePermits() == 0) {
            throw full();
        }
    }

    private BusyException full() {
        double seconds = Math.ceil(meanSeconds * (waiting + 1) / workers);
        return new BusyException("the queue is full (running: " + workers + ", waiting: " + waiting + ")", false, (int)
                Math.max(1, Math.min(600, seconds)));
    }

    /**
     * Computes an image of a job, after everything that is queued now; returns when it is done.
     *
     * @throws InterruptedException if the calling thread is interrupted, which ends the work too
     */
    <T> T runForJob(Callable<T> work) throws InterruptedException {
        var task = new Task<>(
                () -> {
                    addJob(1);
                    try {
                        return work.call();
                    } finally {
                        addJob(-1);
                    }
                },
                () -> {});
        try {
            threads.execute(task);
            return task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a job's work reports its failures itself", e.getCause());
        } catch (CancellationException | RejectedExecutionException e) {
            throw new InterruptedException("the server is stopping");
        } finally {
            task.cancel(true);
        }
    }

    /** While jobs, which may take hours, occupy all workers, there is one more for requests. */
    private synchronized void addJob(int number) {
        jobs += number;
        threads.setCorePoolSize(jobs >= workers ? workers + 1 : workers);
    }

    /** A task in the queue, which releases its place exactly once, however it ends. */
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
                Thread.interrupted(); // a late cancellation must not reach the next task
                releaseOnce();
            }
        }

        /** Ends a task that won't run, since its queue is gone. */
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
            // A task that is cancelled in the queue won't run: its place is free now. A running one keeps it to its
            // end.
            if (isCancelled() && threads.getQueue().remove(this)) {
                releaseOnce();
            }
        }
    }

    private <T> T timed(Callable<T> work) throws Exception {
        running.incrementAndGet();
        long start = System.nanoTime();
        try {
            T result = work.call();
            double seconds = (System.nanoTime() - start) / 1e9;
            synchronized (this) {
                meanSeconds = (1 - SMOOTHING) * meanSeconds + SMOOTHING * seconds;
            }
            return result;
        } catch (AttunetException e) {
            if (Thread.currentThread().isInterrupted()) { // the interruption may have closed a file
                var cancelled = new CancellationException("nobody waits for the result");
                cancelled.initCause(e);
                throw cancelled;
            }
            throw e;
        } finally {
            running.decrementAndGet();
        }
    }

    /** Returns how long a client waits at most. */
    public Duration limit() {
        return limit;
    }

    /** Returns the number of waiting tasks. */
    public int queued() {
        return threads.getQueue().size();
    }

    /** Returns the number of running tasks. */
    public int running() {
        return running.get();
    }

    /** Returns the number of worker threads. */
    public int workers() {
        return workers;
    }

    /** Accepts no more requests; accepted ones continue. */
    public void drain() {
        stopping = true;
    }

    /** Whether {@link #drain} was called. */
    public boolean draining() {
        return stopping;
    }

    /** Cancels waiting tasks at once and running ones at their next {@link Interruption#check}; their requests fail. */
    @Override
    public void close() {
        drain();
        for (Runnable task : threads.shutdownNow()) {
            ((Task<?>) task).abandon();
        }
    }
}
