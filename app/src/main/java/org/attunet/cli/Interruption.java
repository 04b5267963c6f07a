package org.attunet.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.attunet.console.CommandFailures;
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

    private static volatile @Nullable Work work;
    private static volatile int exitCode;

    /** Work that can be stopped, and what a signal is answered with. */
    private record Work(String answer, @Nullable Runnable requestStop) {}

    private Interruption() {}

    /** Lets signals be answered; to be called where the command is the whole process. */
    static void arm() {
        Runtime.getRuntime().addShutdownHook(new Thread(Interruption::answer, "interruption"));
    }

    /** Names how the work that runs now is asked to stop; from here on signals wait for the command's end. */
    static void stopsBy(Runnable requestStop) {
        stopsBy("stopping after this step and saving.", requestStop);
    }

    /** The same, with what is said then. */
    static void stopsBy(String answer, Runnable requestStop) {
        work = new Work(answer, requestStop);
    }

    /** The same, where another process of the same terminal answers. */
    static void stopsSilentlyBy(Runnable requestStop) {
        work = new Work("", requestStop);
    }

    /** Tells that everything worth waiting for is on disk; from here on signals end the process at once, with 0. */
    static void saved(String what) {
        work = new Work(what, null);
    }

    /** Tells that the command has ended, with all its output written. */
    static void ended(int code) {
        exitCode = code;
        ENDED.countDown();
    }

    /** Runs as the process's shutdown hook, whether a signal or the command's own end began the shutdown. */
    private static void answer() {
        Work now = work;
        if (ENDED.getCount() == 0 || now == null) {
            return;
        }
        if (!now.answer.isEmpty()) {
            System.err.println();
            System.err.println("attunet: " + now.answer);
        }
        int code = CommandFailures.DONE;
        if (now.requestStop != null) {
            now.requestStop.run();
            code = await();
        }
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    private static int await() {
        try {
            return ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? exitCode : CommandFailures.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CommandFailures.FAILED;
        }
    }
}
