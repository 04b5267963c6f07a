package org.attunet.imagej;

import ij.IJ;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work on a thread of its own, which the Escape key interrupts while the calling thread waits. */
final class EscapableTask {
    private static final int POLL_MILLIS = 30;

    private EscapableTask() {}

    /**
     * Runs work to its end.
     *
     * @throws CancellationException if Escape was pressed or the calling thread was interrupted; the work has ended then
     */
    static <T> T run(Supplier<T> work) {
        IJ.resetEscape();
        var task = new FutureTask<>(work::get);
        Thread worker = new Thread(task, "attunet-imagej");
        worker.setDaemon(true);
        worker.start();
        boolean cancelled = false;
        while (true) {
            try {
                T result = task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (cancelled) {
                    throw new CancellationException("cancelled");
                }
                return result;
            } catch (TimeoutException e) {
                cancelled = cancelled || stop(worker, IJ.escapePressed());
            } catch (InterruptedException e) {
                cancelled = stop(worker, true);
            } catch (ExecutionException e) {
                throw cancelled ? new CancellationException("cancelled") : failure(e.getCause());
            }
        }
    }

    private static boolean stop(Thread worker, boolean wanted) {
        if (wanted) {
            IJ.showStatus("attunet: cancelling…");
            worker.interrupt();
        }
        return wanted;
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
    }
}
