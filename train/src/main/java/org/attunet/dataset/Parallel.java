package org.attunet.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntFunction;
import org.attunet.error.AttunetException;

/**
 * Applies a function to n items on all cores; the results have the order of the items. If several items fail, the failure of
 * the first is thrown, so that the same input always gives the same message.
 */
public final class Parallel {
    private Parallel() {}

    /** Returns the results for 0 to n - 1. After a failure, items that haven't begun are skipped. */
    public static <T> List<T> map(int n, ProgressListener progress, IntFunction<T> work) {
        if (n == 0) {
            return List.of();
        }
        int threads = Math.min(n, Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(threads, daemons("attunet-data"));
        try {
            var done = new int[1];
            List<Future<T>> futures = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                int item = i;
                futures.add(pool.submit(() -> {
                    T result = work.apply(item);
                    synchronized (done) {
                        progress.at(++done[0], n);
                    }
                    return result;
                }));
            }
            return collect(futures);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Returns a factory of threads of one name that don't keep the process alive. */
    public static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static <T> List<T> collect(List<Future<T>> futures) {
        List<T> results = new ArrayList<>(futures.size());
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                if (e.getCause() instanceof OutOfMemoryError cause) {
                    throw new AttunetException(
                            "reading the data",
                            "the memory is exhausted",
                            "room for one case on each core",
                            "give Java more memory (-Xmx)",
                            cause);
                }
                if (e.getCause() instanceof Error cause) {
                    throw cause;
                }
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AttunetException(
                        "reading the data", "it was interrupted", "time to finish", "start it again", e);
            }
        }
        return results;
    }
}
