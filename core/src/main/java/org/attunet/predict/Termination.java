package org.attunet.predict;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The options of one run of ONNX Runtime, which end the run soon after its thread is interrupted: native code doesn't notice
 * interruptions itself, and the block of a large image takes up to minutes.
 */
final class Termination implements AutoCloseable {
    private static final long PERIOD_MS = 50;
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread thread = new Thread(run, "onnx-termination");
        thread.setDaemon(true);
        return thread;
    });

    private final OrtSession.RunOptions options = new OrtSession.RunOptions();
    private final ScheduledFuture<?> watch;
    private boolean closed;

    /** @param shrink whether the memory that the run takes goes back to the system after it */
    Termination(boolean shrink) throws OrtException {
        if (shrink) {
            options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        }
        Thread thread = Thread.currentThread();
        watch = WATCH.scheduleWithFixedDelay(() -> check(thread), PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    OrtSession.RunOptions options() {
        return options;
    }

    private synchronized void check(Thread thread) {
        if (!closed && thread.isInterrupted()) {
            try {
                options.setTerminate(true);
            } catch (OrtException e) {
                throw new IllegalStateException("a run can't be ended", e);
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        watch.cancel(false);
        options.close();
    }
}
