package org.attunet.tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tests libtorch on this processor in child processes, because a fault of its native code ends a process without an
 * exception. If the child dies, it is started again with {@link Precaution}s until it survives.
 *
 * <p>{@link Natives#load} runs it once for each processor and version of libtorch; {@link SelfTestRecord} keeps the result. A
 * test that can't be made (no process, memory or time) changes nothing and is repeated at the next start.
 */
public final class SelfTest {
    /** The environment variable that skips the test and ignores its record if it is {@code off}. */
    public static final String SWITCH = "ATTUNET_SELF_TEST";

    /** Tried in this order: those that cost little first. */
    private static final List<Set<Precaution>> LADDER = List.of(
            Set.of(),
            Set.of(Precaution.MATRIX_PRODUCTS),
            Set.of(Precaution.NO_PRIMITIVE_CACHE),
            Set.of(Precaution.COPIES_IN_TURN),
            Set.of(Precaution.MATRIX_PRODUCTS, Precaution.NO_PRIMITIVE_CACHE, Precaution.COPIES_IN_TURN),
            Set.of(Precaution.NO_ONEDNN, Precaution.COPIES_IN_TURN),
            Set.of(Precaution.NO_ONEDNN, Precaution.COPIES_IN_TURN, Precaution.ONE_THREAD));

    /** Races are seen now and then only, so precautions must survive more than once. */
    private static final int REPEATS = 3;

    private static volatile Consumer<String> messages = SelfTest::log;

    /** A probe takes well under a second; this is for machines that have no time for us. */
    private static final long PATIENCE_SECONDS = 120;

    private final SelfTestChild.Start child;
    private final long patienceSeconds;

    /**
     * @param child starts the process that is tested
     * @param patienceSeconds after which a child that prints nothing hangs
     */
    SelfTest(SelfTestChild.Start child, long patienceSeconds) {
        this.child = child;
        this.patienceSeconds = patienceSeconds;
    }

    private static SelfTest usual() {
        return new SelfTest(SelfTestChild::start, PATIENCE_SECONDS);
    }

    /**
     * One child process and its end.
     *
     * @param passed the kinds of convolution that it computed
     * @param failed the kind that it had begun; null if none
     * @param end "SIGFPE", "hangs" or another reason; empty if it survived
     * @param died whether the native code is to blame: a signal of its own or a hang
     */
    public record Attempt(
            Set<Precaution> precautions,
            List<String> passed,
            @Nullable String failed,
            String end,
            boolean died) {
        /** Whether all kinds were computed. */
        public boolean survived() {
            return end.isEmpty();
        }

        /** The end and where it came. */
        public String fault() {
            return end + (failed == null ? "" : " in " + failed);
        }
    }

    /** The result of a whole test. */
    public record Result(Set<Precaution> precautions, List<Attempt> attempts) {
        /** Whether libtorch survives with these precautions, as far as the test could be made. */
        public boolean sound() {
            return !last().died();
        }

        /** Whether the test could be made. */
        public boolean conclusive() {
            return last().survived() || last().died();
        }

        private Attempt last() {
            return attempts.get(attempts.size() - 1);
        }

        /** The first attempt's fault, such as "SIGFPE in kernel 3, float32, 2 threads"; null if there was none. */
        public @Nullable String fault() {
            return attempts.get(0).survived() ? null : attempts.get(0).fault();
        }

        /** The precautions as words. */
        public String words() {
            return precautions.stream().map(Precaution::toString).collect(Collectors.joining(", "));
        }
    }

    /** From now on, passes the notes on a test and its result to a consumer instead of the system's logger. */
    public static void reportTo(Consumer<String> consumer) {
        messages = consumer;
    }

    /** Tests anew and keeps the result, for {@code doctor}. Takes some seconds. */
    public static Result again() {
        Result result = usual().run();
        if (result.conclusive()) {
            SelfTestRecord.here().write(result);
        }
        return result;
    }

    /** The precautions for this processor: those on record, else the result of a test. Never fails. */
    static Set<Precaution> precautions() {
        if ("off".equals(System.getenv(SWITCH))) {
            return Set.of();
        }
        try {
            return precautions(SelfTestRecord.here(), usual());
        } catch (RuntimeException unknown) {
            return Set.of();
        }
    }

    /** The precautions of a record; without one those of a test, which the record then keeps. */
    static Set<Precaution> precautions(SelfTestRecord record, SelfTest test) {
        try {
            Set<Precaution> known = record.read();
            return known != null
                    ? known
                    : record.locked(() -> {
                        Set<Precaution> ofAnother = record.read(); // of a process that has tested meanwhile
                        return ofAnother != null ? ofAnother : test.tested(record);
                    });
        } catch (RuntimeException e) {
            messages.accept("note: libtorch can't be tested on this processor (" + e.getMessage() + ")");
            return Set.of();
        }
    }

    private Set<Precaution> tested(SelfTestRecord record) {
        messages.accept("note: first use of libtorch on this processor; testing it for a few seconds");
        Result result = run();
        if (!result.conclusive()) {
            messages.accept("note: the test of libtorch could not be made ("
                    + result.last().fault() + ")");
            return Set.of();
        }
        record.write(result);
        if (result.fault() != null) {
            messages.accept("warning: libtorch dies on this processor (" + result.fault() + "); attunet now uses "
                    + result.words() + (result.sound() ? "" : ", and it may still die")
                    + "; 'attunet doctor' tests again");
        }
        return result.precautions();
    }

    /** Tests until the child survives or nothing is left to try. */
    Result run() {
        List<Attempt> attempts = new ArrayList<>();
        for (Set<Precaution> precautions : LADDER) {
            int repeats = precautions.isEmpty() ? 1 : REPEATS;
            Attempt attempt;
            do {
                attempt = attempt(precautions);
                attempts.add(attempt);
            } while (attempt.survived() && --repeats > 0);
            if (!attempt.died()) {
                break;
            }
        }
        Set<Precaution> used = attempts.get(attempts.size() - 1).precautions();
        return new Result(used, attempts);
    }

    private Attempt attempt(Set<Precaution> precautions) {
        try {
            return new SelfTestChild(precautions, child.start(precautions)).watch(patienceSeconds);
        } catch (IOException e) {
            return new Attempt(precautions, List.of(), null, e.toString(), false);
        }
    }

    private static void log(String message) {
        System.getLogger(SelfTest.class.getName()).log(System.Logger.Level.WARNING, message);
    }
}
