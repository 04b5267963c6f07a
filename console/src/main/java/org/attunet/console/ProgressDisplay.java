package org.attunet.console;

import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a long operation is: on a terminal a bar with the time left, elsewhere one line every 10 seconds. What ends
 * within 2 seconds shows nothing.
 *
 * <p>Threads: any thread may report; a thread of its own shows.
 */
public final class ProgressDisplay implements AutoCloseable {
    private static final long SILENT_MILLIS = 2_000;
    private static final long LINE_MILLIS = 10_000;

    private final Console console;
    private final String task;
    private final long total;
    private final boolean counted;
    private final long before;
    private final Duration gone;
    private final long started;
    private final Timer clock = new Timer("progress", true);
    private boolean closed;
    private long done;
    private String note = "";
    private @Nullable ProgressBar bar;

    private ProgressDisplay(Console console, String task, long total, boolean counted, long before, Duration gone) {
        this.console = console;
        this.task = task;
        this.total = total;
        this.counted = counted;
        this.before = before;
        this.gone = gone;
        started = System.nanoTime() - gone.toNanos();
        done = before;
        if (console.terminal()) {
            clock.schedule(task(this::openBar), SILENT_MILLIS);
        } else {
            clock.scheduleAtFixedRate(task(this::sayLine), LINE_MILLIS, LINE_MILLIS);
        }
    }

    private static TimerTask task(Runnable work) {
        return new TimerTask() {
            @Override
            public void run() {
                work.run();
            }
        };
    }

    /**
     * Starts an operation.
     *
     * @param task what is done, in a word or two ("Predicting")
     * @param total the number of steps to do, 1 or more
     */
    public static ProgressDisplay start(Console console, String task, long total) {
        return new ProgressDisplay(console, task, Math.max(1, total), true, 0, Duration.ZERO);
    }

    /** Starts an operation of which only the share that is done means something, not the number of its parts. */
    public static ProgressDisplay share(Console console, String task, long parts) {
        return share(console, task, parts, 0, Duration.ZERO);
    }

    /**
     * Goes on with such an operation.
     *
     * @param before the parts that were done before
     * @param gone the time that they took
     */
    public static ProgressDisplay share(Console console, String task, long parts, long before, Duration gone) {
        return new ProgressDisplay(console, task, parts, false, before, gone);
    }

    /** Reports how many steps are done altogether. */
    public synchronized void reached(long steps) {
        done = Math.min(total, steps);
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** Reports one more step done. */
    public synchronized void step() {
        reached(done + 1);
    }

    /** Sets the words that stand behind the numbers, such as the loss. */
    public synchronized void note(String text) {
        note = text;
        if (bar != null) {
            bar.setExtraMessage(text);
        }
    }

    /** Ends the display; a bar that stands is completed where all steps are done. */
    @Override
    public synchronized void close() {
        closed = true;
        clock.cancel();
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private synchronized void openBar() {
        if (closed) {
            return;
        }
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .startsFrom(before, gone)
                .setUpdateIntervalMillis(500)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(console.err(), console.columns() - 1))
                .build();
        bar.stepTo(done);
        bar.setExtraMessage(note);
    }

    private synchronized void sayLine() {
        if (closed) {
            return;
        }
        console.message(line(task, counted, done, total, (System.nanoTime() - started) / 1e9, note));
    }

    /** One line such as {@code Predicting: 30 of 120 (25%), 10 s gone, about 30 s left; loss 0.31}. */
    static String line(String task, boolean counted, long done, long total, double seconds, String note) {
        var text = new StringBuilder(task + ": ");
        if (counted) {
            text.append(done).append(" of ").append(total).append(" (");
        }
        text.append(100 * done / total)
                .append(counted ? "%), " : "%, ")
                .append(span(seconds))
                .append(" gone");
        if (done > 0 && done < total) {
            text.append(", about ")
                    .append(span(seconds * (total - done) / done))
                    .append(" left");
        }
        return note.isEmpty() ? text.toString() : text.append("; ").append(note).toString();
    }

    /** A span of time such as {@code 45 s}, {@code 3 min 5 s} or {@code 2 h 5 min}. */
    public static String span(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + " s";
        }
        return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s % 3600 / 60 + " min";
    }
}
