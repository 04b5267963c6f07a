package org.attunet.ranks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.attunet.tensor.Natives;

/** Ranks as threads of one process, each with its own connections, so that tests of them start at once. */
public final class RankThreads {
    private RankThreads() {}

    /** What each rank's work gives, in the order of the ranks; the failure of the first that failed is thrown. */
    public static <T> List<T> run(int count, Function<ProcessGroup, T> work) {
        List<T> results = new ArrayList<>();
        for (Object outcome : outcomes(count, 60, work)) {
            if (outcome instanceof RuntimeException failure) {
                throw failure;
            }
            @SuppressWarnings("unchecked")
            T result = (T) outcome;
            results.add(result);
        }
        return results;
    }

    /** The same with failures in place of the results of ranks that failed. */
    public static List<Object> outcomes(int count, int timeoutSeconds, Function<ProcessGroup, ?> work) {
        try (var server = Rendezvous.open()) {
            return inThreads(count, number -> {
                Natives.threads(1);
                String here = "127.0.0.1";
                var place = new RankConfig(here, server.port(), number, count, here, 1, timeoutSeconds);
                try (ProcessGroup ranks = ProcessGroup.join(place)) {
                    return ranks.guarded(() -> {
                        Object result = work.apply(ranks);
                        ranks.barrier();
                        return result;
                    });
                }
            });
        }
    }

    static List<Object> inThreads(int count, Function<Integer, Object> work) {
        var threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<Object>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                Callable<Object> task = () -> work.apply(number);
                futures.add(threads.submit(task));
            }
            List<Object> outcomes = new ArrayList<>();
            for (Future<Object> future : futures) {
                outcomes.add(outcome(future));
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Object outcome(Future<Object> future) {
        try {
            return future.get(300, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("a rank hangs", e);
        }
    }
}
