package org.attunet.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataCheck;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import picocli.CommandLine.ParentCommand;

/** A command of the program: parses, calls the library, prints. Its result is the exit code. */
abstract class AttunetCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    /** Where this command writes. */
    final Console console() {
        return main.console();
    }

    /** Opens a data set and passes on what was noticed. */
    final DataSet open(Path folder) {
        try (ProgressDisplay progress = ProgressDisplay.start(console(), "Reading masks", 1000)) {
            DataSet data = DataSets.open(folder, (done, total) -> progress.reached(1000L * done / total));
            console().notes(data.notes());
            return data;
        }
    }

    /** Looks for what spoils a training in silence. */
    final DataCheck check(DataSet data) {
        try (ProgressDisplay progress = ProgressDisplay.start(console(), "Checking data", 1000)) {
            return DataCheck.of(data, (done, total) -> progress.reached(1000L * done / total));
        }
    }

    /** Whether more is to be said than results and failures. */
    final boolean verbose() {
        return main.verbose();
    }
}
