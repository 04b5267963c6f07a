package org.attunet.cli;

import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM as a wish to stop: the work in progress is asked to end, its command runs to its own end, and the
 * process leaves with that command's exit code in place of the 128 + signal that the Java machine would give.
 *
 * <p>Without a stoppable work the signals end the process at once, as usual.
 */
final class Interruption {
    /** A step, a save and a validation that is cut short take seconds; after this the process is let go. */
    private static final long PATIENCE_SECONDS = 300;

    private static final CountDownLatch ENDED = new CountDownLatch(1);

    private static volatile @Nullable Runnable request;
    private static volatile int exitCode;

    private Interruption() {}

    /** Names how the work that runs now is asked to stop; from here on signals wait for the command's end. */
    static void stopsBy(Runnable requestStop) {
        if (request == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(Interruption::stop, "interruption"));
        }
        request = requestStop;
    }

    /** Tells that the command has ended, with all its output written. */
    static void ended(int code) {
        exitCode = code;
        ENDED.countDown();
    }

    /** Runs as the process's shutdown hook, whether a signal or the command's own end began the shutdown. */
    private static void stop() {
        Runnable wish = request;
        if (ENDED.getCount() == 0 || wish == null) {
            return;
        }
        System.err.println();
        System.err.println("attunet: stopping after this step and saving.");
        wish.run();
        OptionalInt code = await();
        System.out.flush();
        Runtime.getRuntime().halt(code.orElse(Failures.FAILED));
    }

    private static OptionalInt await() {
        try {
            return ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? OptionalInt.of(exitCode) : OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }
}
