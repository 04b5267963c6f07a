package org.attunet.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * Ctrl-C and SIGTERM as requests to stop: the current work is asked to end, its command runs to its end, and the process
 * exits with that command's exit code instead of the JVM's 128 + signal.
 *
 * <p>Without stoppable work a signal ends the process at once, as usual.
 */
final class StopSignals {
    /** A step, a save and a validation cut short take seconds; after this time the process is ended. */
    private static final long PATIENCE_SECONDS = 300;

    private static final CountDownLatch ENDED = new CountDownLatch(1);

    private static volatile @Nullable Work work;
    private static volatile int exitCode;

    /** Work and the message printed on a signal; without {@code requestStop} the process ends at once. */
    private record Work(String message, @Nullable Runnable requestStop) {}

    private StopSignals() {}

    /** Installs the shutdown hook; called only if the command is the whole process. */
    static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(StopSignals::onShutdown, "stop-signals"));
    }

    /** Sets how the current work is asked to stop; from now on a signal waits for the command to end. */
    static void stopBy(Runnable requestStop) {
        stopBy("stopping after this step and saving.", requestStop);
    }

    /** Sets how the current work is asked to stop, and the message printed then; an empty one prints nothing. */
    static void stopBy(String message, Runnable requestStop) {
        work = new Work(message, requestStop);
    }

    /** Marks everything as saved; from now on a signal prints the message and ends the process at once, with 0. */
    static void saved(String message) {
        work = new Work(message, null);
    }

    /** Marks the command as ended, with all its output written. */
    static void ended(int code) {
        exitCode = code;
        ENDED.countDown();
    }

    /** Runs at shutdown, whether a signal or the command's own end caused it. */
    private static void onShutdown() {
        Work now = work;
        if (ENDED.getCount() == 0 || now == null) {
            return;
        }
        if (!now.message.isEmpty()) {
            System.err.println();
            System.err.println("attunet: " + now.message);
        }
        int code = ExitCode.OK;
        if (now.requestStop != null) {
            now.requestStop.run();
            code = awaitEnd();
        }
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    private static int awaitEnd() {
        try {
            return ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? exitCode : ExitCode.SOFTWARE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.SOFTWARE;
        }
    }
}
