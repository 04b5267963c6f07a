package org.attunet.cli;

import java.time.Duration;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.train.TrainingListener;
import org.attunet.train.TrainingWarning;
import org.attunet.train.TransferReport;
import org.jspecify.annotations.Nullable;

/** Shows the progress of a training. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
    private final Console console;
    private @Nullable ProgressDisplay preparing;
    private @Nullable ProgressDisplay training;
    private String dice = "";

    TrainingProgress(Console console) {
        this.console = console;
    }

    @Override
    public synchronized void prepared(int done, int total) {
        if (preparing == null) {
            preparing = ProgressDisplay.start(console, "Preparing", total);
        }
        preparing.reached(done, total);
        if (done == total) {
            preparing.close();
        }
    }

    @Override
    public synchronized void takenOver(TransferReport taken) {
        taken.lines().forEach(console::message);
    }

    @Override
    public synchronized void stepped(long step, double progress, double minutes, double loss) {
        if (training == null) {
            Duration before = Duration.ofMillis(Math.round(minutes * 60_000));
            training = ProgressDisplay.share(console, "Training", progress, before);
        }
        training.reached(progress);
        training.note(Wording.format("step %d, loss %.3f%s", step, loss, dice));
    }

    @Override
    public synchronized void validated(long step, double value, boolean best) {
        dice = Wording.format(", validation Dice %.3f%s", value, best ? " (best)" : "");
    }

    @Override
    public synchronized void warned(TrainingWarning warning) {
        console.message("warning: " + warning.text());
    }

    @Override
    public synchronized void close() {
        if (preparing != null) {
            preparing.close();
        }
        if (training != null) {
            training.close();
        }
    }
}
