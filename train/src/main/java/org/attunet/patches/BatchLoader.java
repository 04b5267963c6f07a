package org.attunet.patches;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.attunet.dataset.Parallel;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;

/**
 * Prepares batches ahead of the training loop in its own threads. Batch n depends on the seed and n alone, neither on the
 * number of threads nor on timing, so that a training resumed at batch n sees the same batches as an unbroken one.
 *
 * <p>At most {@code ahead} batches are ready or in preparation. {@link #next} and {@link #close} are for one thread.
 */
public final class BatchLoader implements AutoCloseable {
    private final PatchSampler sampler;
    private final ExecutorService threads;
    private final Queue<Future<Batch>> queue = new ArrayDeque<>();
    private long following; // the number of the next batch to submit
    private long waitedNanos;
    private boolean closed;

    /**
     * Starts preparing one process's share of each batch.
     *
     * @param store the cases, already on the network's grid
     * @param sampling the patch must have as many sizes as the cases have axes
     * @param seed of the stream of batches
     * @param first the number of the first batch, 0 for a new training
     * @param threadCount 1 to 1024
     * @param ahead batches kept ready or in preparation, 1 to 1024; each takes the memory of its patches
     * @param slots the patches of each batch to prepare
     */
    public BatchLoader(
            CaseStore store,
            Sampling sampling,
            Augmentation augmentation,
            long seed,
            long first,
            int threadCount,
            int ahead,
            BatchShare slots) {
        ConfigException.check(first >= 0, "first", first, "a number from 0");
        ConfigException.check(
                threadCount >= 1 && threadCount <= 1024, "threads", threadCount, "a number from 1 to 1024");
        ConfigException.check(ahead >= 1 && ahead <= 1024, "ahead", ahead, "a number from 1 to 1024");
        sampler = new PatchSampler(store, sampling, augmentation, seed, slots);
        following = first;
        threads = Executors.newFixedThreadPool(threadCount, Parallel.daemons("attunet-batches"));
        for (int k = 0; k < ahead; k++) {
            submit();
        }
    }

    private void submit() {
        long number = following++;
        queue.add(threads.submit(() -> sampler.batch(number)));
    }

    /**
     * Returns the next batch; waits until it is ready.
     *
     * @throws AttunetException if its preparation failed, such as on a case that can't be read
     */
    public Batch next() {
        Future<Batch> head = queue.peek();
        if (closed || head == null) {
            throw new IllegalStateException("the loader is closed");
        }
        long begin = System.nanoTime();
        try {
            Batch batch = head.get();
            queue.remove();
            submit();
            return batch;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof AttunetException known) {
                throw known;
            }
            if (cause instanceof OutOfMemoryError) {
                throw new AttunetException(
                        "batches",
                        "the memory is exhausted",
                        "room for the cases and the batches",
                        "choose a smaller patch or batch, or give Java more memory (-Xmx)",
                        cause);
            }
            throw new IllegalStateException("a batch could not be made", cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttunetException("batches", "waiting was interrupted", "time to finish", "start again", e);
        } finally {
            waitedNanos += System.nanoTime() - begin;
        }
    }

    /** The number of the batch that {@link #next} returns next. */
    public long position() {
        return following - queue.size();
    }

    /** The time spent waiting in {@link #next} so far. */
    public long waitedNanos() {
        return waitedNanos;
    }

    /** Stops the threads; waits for the patches in preparation, 10 seconds at most. */
    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                return; // a thread that hangs in a file system is a daemon and ends with the process
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
