package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.console.Console;
import org.attunet.console.PixelSizeOption;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataCheck;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Split;
import org.attunet.image.LabelMap;
import org.attunet.plan.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParentCommand;

/** A command of the program: parses, calls the library, prints. Returns the exit code. */
abstract class AttunetCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    /** Where this command writes. */
    final Console console() {
        return main.console();
    }

    /** Prints a line on standard error. */
    final void message(String text) {
        console().message(text);
    }

    /** Prints the result of this command as JSON or text. */
    final void result(Supplier<? extends JsonNode> document, Supplier<String> text) {
        console().result(document, text);
    }

    /** Whether {@code --verbose} was given. */
    final boolean verbose() {
        return main.verbose();
    }

    /** Opens the data set in a folder and prints its notes. */
    final DataSet open(Path folder, PixelSizeOption pixelSize) {
        return open(DataFolders.of(folder), pixelSize, LabelMap.NONE);
    }

    /**
     * Opens a data set and prints its notes; the pixel size is that of pictures without one.
     *
     * @param ignored the value of voxels without a judgement, or {@link LabelMap#NONE}
     */
    final DataSet open(DataFolders folders, PixelSizeOption pixelSize, int ignored) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading masks")) {
            DataSet data = DataSets.open(
                    folders, pixelSize.size(), ignored, (done, all) -> progress.reached(done, all, "files"));
            console().notes(data.notes());
            pixelSize.note(data.cases().stream().map(Case::image).toList(), console());
            return data;
        }
    }

    /** Checks a data set for faults that spoil a training without an error. */
    final DataCheck check(DataSet data) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Checking data")) {
            return DataCheck.of(data, (done, all) -> progress.reached(done, all, "cases"));
        }
    }

    /**
     * Makes a plan from the cases that a split doesn't hold out.
     *
     * @param resize the factor for the images' size; null to choose it
     */
    final Plan plan(DataSet data, Split split, Plan.Budget budget, @Nullable Double resize) {
        List<String> seen = Stream.concat(split.train().stream(), split.validation().stream())
                .toList();
        try (ProgressDisplay progress = ProgressDisplay.start(console(), "Looking at cases", seen.size())) {
            return Plan.of(Fingerprint.of(data, data.cases(seen), progress::reached), budget, resize);
        }
    }
}
