package org.attunet.ranks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.tensor.TensorScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.jspecify.annotations.Nullable;

/**
 * The signs of life of ranks in the server's store: that they have joined, that they live (once a second, from a thread of
 * its own), and that they leave and why.
 */
final class Heartbeat implements AutoCloseable {
    private static final long BEAT_MILLIS = 1000;
    private static final long LOOK_MILLIS = 10;
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LEAVING_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final String LOST = "lost (its process ended or its machine can't be reached)";
    private static final String EXPECTED = "all ranks until the training's end";
    private static final String REMEDY =
            "start the training again with --resume; it continues from its last checkpoint";

    private final RankConfig place;
    private final TCPStore store;
    private final ExecutorService heart;
    private final long[] beats; // the last counter of each rank
    private final long[] seen; // when it changed, in ns
    private long meetings;

    Heartbeat(RankConfig place) {
        this.place = place;
        reach();
        try (var scope = TensorScope.open()) {
            var options = new TCPStoreOptions();
            options.port((short) place.port())
                    .isServer(false)
                    .waitWorkers(false)
                    .timeout(new Milliseconds(1000L * place.timeoutSeconds()));
            store = TensorScope.keep(new TCPStore(place.host(), options));
        } catch (RuntimeException e) {
            throw unreachable(TorchProcessGroup.reason(e), e);
        }
        beats = new long[place.count()];
        seen = new long[place.count()];
        heart = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "attunet-rank-" + place.number());
            thread.setDaemon(true);
            return thread;
        });
        heart.execute(this::beat);
    }

    private void beat() {
        try {
            while (true) {
                store.add(alive(place.number()), 1);
                Thread.sleep(BEAT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this rank leaves
        } catch (RuntimeException e) {
            return; // the server has gone, which the training notices itself
        }
    }

    /** Waits for the server in Java, because libtorch prints its failures with C++ stacks. */
    private void reach() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(place.timeoutSeconds());
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(place.host(), place.port()), 1000 * place.timeoutSeconds());
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw unreachable(String.valueOf(e.getMessage()), e);
                }
                pause(100);
            }
        }
    }

    private AttunetException unreachable(String reason, Exception e) {
        return new AttunetException(
                words(place.number()),
                "no server at " + place.host() + ":" + place.port() + " within " + place.timeoutSeconds() + " s ("
                        + reason + ")",
                "rank 0 listening there",
                "check host and port, that rank 0 runs, and that no firewall is in between",
                e);
    }

    /** The client of the store. */
    TCPStore store() {
        return store;
    }

    /** Announces this rank and waits for all others. */
    void join() {
        if (store.add(joined(place.number()), 1) > 1) {
            throw new AttunetException(
                    words(place.number()),
                    "it joined twice",
                    "one process for each rank",
                    "give each rank a number of its own");
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(place.timeoutSeconds());
        int waitedFor = 0;
        while (waitedFor < place.count()) {
            if (has(joined(waitedFor))) {
                waitedFor++;
            } else if (has(gone(waitedFor))) {
                throw lost(null);
            } else if (System.nanoTime() > end) {
                throw new AttunetException(
                        words(waitedFor),
                        "it did not join within " + place.timeoutSeconds() + " s",
                        "all ranks to start at about the same time",
                        "read its own message, or allow more time");
            } else {
                pause(LOOK_MILLIS);
            }
        }
    }

    /** Waits until all ranks arrive here, without a timeout as long as they live. */
    void barrier() {
        String key = "met/" + ++meetings;
        try {
            store.add(key, 1);
            Arrays.fill(seen, System.nanoTime());
            long checked = System.nanoTime();
            while (store.add(key, 0) < place.count()) {
                pause(LOOK_MILLIS);
                if (System.nanoTime() - checked > CHECK_NANOS) {
                    checked = System.nanoTime();
                    check();
                }
            }
        } catch (RuntimeException e) {
            throw e instanceof AttunetException known ? known : lost(e);
        }
    }

    /** Checks that each other rank is there and lives. */
    private void check() {
        for (int rank : others()) {
            if (has(gone(rank))) {
                throw lost(null);
            }
            long beat = store.add(alive(rank), 0);
            if (beat != beats[rank]) {
                beats[rank] = beat;
                seen[rank] = System.nanoTime();
            } else if (System.nanoTime() - seen[rank] > TimeUnit.SECONDS.toNanos(place.timeoutSeconds())) {
                announce("");
                throw gone(rank, "lost (no sign of life for " + place.timeoutSeconds() + " s)", null);
            }
        }
    }

    /** Announces why this rank leaves, and gives the others time to read it before the server may end. */
    void leave(Throwable reason) {
        String[] parts = reason instanceof AttunetException known
                ? new String[] {known.subject(), known.found(), known.expected(), known.remedy()}
                : new String[] {"internal error", reason.toString(), "none", "report it"};
        announce(String.join(
                "\n", Arrays.stream(parts).map(part -> part.replace('\n', ' ')).toList()));
        waitForLeaving();
    }

    /** Announces for a rank that it has ended, unless it did so itself. */
    static void ended(TCPStore store, int number, String how) {
        try (var scope = TensorScope.open()) {
            if (!store.check(new StringVector(gone(number)))) {
                store.set(gone(number), String.join("\n", "", "lost (" + how + ")", EXPECTED, REMEDY));
            }
        }
    }

    /** Finds the rank that broke an exchange; takes some seconds if it left no reason. */
    AttunetException lost(@Nullable Throwable cause) {
        if (!announce("")) {
            return gone(0, LOST, cause);
        }
        int silent = waitForLeaving();
        try {
            for (int rank : others()) {
                AttunetException why = has(gone(rank)) ? why(rank, cause) : null;
                if (why != null) {
                    return why;
                }
            }
        } catch (RuntimeException e) {
            return gone(0, LOST, e);
        }
        return silent >= 0
                ? gone(silent, LOST, cause)
                : gone(place.number(), "its connection with the others broke", cause);
    }

    /** The reason that a rank gave for leaving; null if it only followed another. */
    private @Nullable AttunetException why(int rank, @Nullable Throwable cause) {
        String[] parts = store.get_to_str(gone(rank)).split("\n", -1);
        if (parts.length != 4) {
            return null;
        }
        if (parts[0].isEmpty()) {
            return new LostRankException(words(rank), parts[1], parts[2], parts[3], cause);
        }
        return new AttunetException(
                words(rank) + ": " + parts[0], parts[1], parts[2], parts[3] + "; then " + REMEDY, cause);
    }

    private AttunetException gone(int rank, String found, @Nullable Throwable cause) {
        return new LostRankException(words(rank), found, EXPECTED, REMEDY, cause);
    }

    private boolean announce(String why) {
        try {
            if (!has(gone(place.number()))) {
                store.set(gone(place.number()), why);
            }
            return true;
        } catch (RuntimeException e) {
            return false; // the server has gone: the next request fails
        }
    }

    /** Waits some seconds until the others leave; returns the first that doesn't announce it, or -1. */
    private int waitForLeaving() {
        long end = System.nanoTime() + LEAVING_NANOS;
        try {
            for (int rank : others()) {
                while (!has(gone(rank))) {
                    if (System.nanoTime() > end) {
                        return rank;
                    }
                    pause(LOOK_MILLIS);
                }
            }
            return -1;
        } catch (RuntimeException e) {
            return 0;
        }
    }

    private boolean has(String key) {
        try (var scope = TensorScope.open()) {
            return store.check(new StringVector(key));
        }
    }

    private List<Integer> others() {
        return IntStream.range(0, place.count())
                .filter(rank -> rank != place.number())
                .boxed()
                .toList();
    }

    private String words(int rank) {
        return RankConfig.words(rank, place.count());
    }

    private static String joined(int rank) {
        return "joined/" + rank;
    }

    private static String alive(int rank) {
        return "alive/" + rank;
    }

    private static String gone(int rank) {
        return "gone/" + rank;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttunetException(
                    "ranks", "waiting was interrupted", "time to finish", "resume it with --resume", e);
        }
    }

    @Override
    public void close() {
        heart.shutdownNow();
        try {
            heart.awaitTermination(10, TimeUnit.SECONDS); // its last beat may be under way
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        TensorScope.release(store);
    }
}
