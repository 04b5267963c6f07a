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
 * The progress of a long operation on standard error: a bar with the time left on a terminal, elsewhere a line every 10
 * seconds. An operation shorter than 2 seconds shows nothing.
 *
 * <p>Any thread may report; a timer thread prints.
 */
public final class ProgressDisplay implements AutoCloseable {
    private static final long SILENT_MILLIS = 2_000;
    private static final long LINE_MILLIS = 10_000;
    private static final long PARTS = 1_000;

    private final Console console;
    private final String task;
    private final long total;
    private final boolean counted;
    private final long before;
    private final Duration elapsed;
    private final long started;
    private final Timer timer = new Timer("progress", true);
    private boolean closed;
    private long done;
    private String note = "";
    private @Nullable ProgressBar bar;

    private ProgressDisplay(
            Console console, String task, long total, boolean counted, double before, Duration elapsed) {
        this.console = console;
        this.task = task;
        this.total = total;
        this.counted = counted;
        this.before = Math.round(before * total);
        this.elapsed = elapsed;
        started = System.nanoTime() - elapsed.toNanos();
        done = this.before;
        boolean terminal = console.terminal();
        var show = new TimerTask() {
            @Override
            public void run() {
                if (terminal) {
                    openBar();
                } else {
                    printLine();
                }
            }
        };
        if (terminal) {
            timer.schedule(show, SILENT_MILLIS);
        } else {
            timer.scheduleAtFixedRate(show, LINE_MILLIS, LINE_MILLIS);
        }
    }

    /**
     * Starts an operation whose steps are counted.
     *
     * @param task the work in a word or two ("Predicting")
     * @param total the number of steps to do, 1 or more
     */
    public static ProgressDisplay start(Console console, String task, long total) {
        return new ProgressDisplay(console, task, Math.max(1, total), true, 0, Duration.ZERO);
    }

    /** Starts an operation of which only the percentage is shown, since the number of its parts means nothing. */
    public static ProgressDisplay share(Console console, String task) {
        return share(console, task, 0, Duration.ZERO);
    }

    /**
     * Continues such an operation.
     *
     * @param before the share done earlier, 0 to 1
     * @param elapsed the time that it took
     */
    public static ProgressDisplay share(Console console, String task, double before, Duration elapsed) {
        return new ProgressDisplay(console, task, PARTS, false, before, elapsed);
    }

    /** Reports the share done so far, {@code all} being the whole. */
    public void reached(long part, long all) {
        reached((double) part / all);
    }

    /** The same, with the numbers as the {@link #note}, such as {@code 30 of 120 files}. */
    public void reached(long part, long all, String things) {
        reached(part, all);
        note(part + " of " + all + " " + things);
    }

    /** Reports the share done so far, 0 to 1. */
    public synchronized void reached(double share) {
        done = Math.min(total, Math.round(share * total));
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** Sets the text behind the numbers, such as the loss. */
    public synchronized void note(String text) {
        note = text;
        if (bar != null) {
            bar.setExtraMessage(text);
        }
    }

    /** Ends the display, leaving an open bar as it is. */
    @Override
    public synchronized void close() {
        closed = true;
        timer.cancel();
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
                .startsFrom(before, elapsed)
                .setUpdateIntervalMillis(500)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(console.err(), console.columns() - 1))
                .build();
        bar.stepTo(done);
        bar.setExtraMessage(note);
    }

    private synchronized void printLine() {
        if (!closed) {
            console.message(line(task, counted, done, total, (System.nanoTime() - started) / 1e9, note));
        }
    }

    /** A line such as {@code Predicting: 30 of 120 (25%), 10 s elapsed, about 30 s left; loss 0.31}. */
    static String line(String task, boolean counted, long done, long total, double seconds, String note) {
        String percent = 100 * done / total + "%";
        return task + ": " + (counted ? done + " of " + total + " (" + percent + ")" : percent)
                + ", " + duration(seconds) + " elapsed"
                + (done > 0 && done < total ? ", about " + duration(seconds * (total - done) / done) + " left" : "")
                + (note.isEmpty() ? "" : "; " + note);
    }

    /** A duration such as {@code 45 s}, {@code 3 min 5 s} or {@code 2 h 5 min}. */
    public static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + " s";
        }
        return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s % 3600 / 60 + " min";
    }
}
