package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.compare.ComparedRun;
import org.attunet.console.Console;
import org.attunet.io.JsonFile;
import org.attunet.metrics.CasesCsv;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.attunet.weights.Architecture;
import org.jspecify.annotations.Nullable;

/**
 * The run of one network and seed in a comparison's folder. It is finished where {@code result.json} stands, which is
 * written last.
 *
 * @param comparison the comparison's folder
 * @param net the network
 * @param seed of the training
 */
record ComparedFolder(Path comparison, NetworkName net, long seed) {
    /** {@code attention-unet-seed1}. */
    String name() {
        return OptionText.word(net) + "-seed" + seed;
    }

    /** The run's folder. */
    Path folder() {
        return comparison.resolve(name());
    }

    private Path result() {
        return folder().resolve("result.json");
    }

    /** What the run came to; null where it has yet to be trained or measured. */
    @Nullable
    ComparedRun finished() {
        if (!Files.exists(result())) {
            return null;
        }
        JsonNode json = JsonFile.read(result(), "a run's result");
        return compared(json.path("steps").asLong(), json.path("minutes").asDouble());
    }

    private ComparedRun compared(long steps, double minutes) {
        ModelDescription model = ModelDescription.read(folder().resolve("model.json"));
        return new ComparedRun(
                OptionText.word(net),
                seed,
                CasesCsv.read(folder().resolve("cases.csv")),
                Architecture.parameters(model.network()),
                steps,
                minutes);
    }

    /** Trains the run, or resumes it, and measures it unless it was stopped. */
    TrainingSession train(Console console, TrainingJob job, List<String> dataWarnings) {
        Run run = Run.create(folder());
        return TrainingSession.run(console, run, job.resuming(run), 1, dataWarnings);
    }

    /** Marks the run as finished. */
    ComparedRun finish(TrainingSession session) {
        JsonFile.write(result(), session.json(Run.open(folder())));
        return compared(session.result().steps(), session.result().minutes());
    }
}
