package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.compare.ComparedRun;
import org.attunet.console.Console;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.io.JsonFile;
import org.attunet.metrics.CasesCsv;
import org.attunet.network.NetworkVariant;
import org.attunet.plan.TrainingConfig;
import org.attunet.train.Run;
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
record ComparedFolder(Path comparison, NetworkVariant net, long seed) {
    /** {@code attention-unet-seed1}. */
    String name() {
        return Wording.word(net) + "-seed" + seed;
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
                Wording.word(net),
                seed,
                CasesCsv.read(folder().resolve("cases.csv")),
                Architecture.parameters(model.network()),
                steps,
                minutes);
    }

    /** Trains the run, or goes on with it, and measures it unless it was stopped. */
    TrainingSession train(
            Console console,
            ModelDescription model,
            TrainingConfig config,
            DataSet data,
            Split split,
            List<String> dataWarnings) {
        return TrainingSession.goOn(console, Run.create(folder()), model, config, data, split, null, 1, dataWarnings);
    }

    /** Marks the run as finished. */
    ComparedRun finish(TrainingSession session) {
        JsonFile.write(result(), session.json(Run.open(folder())));
        return compared(session.result().steps(), session.result().minutes());
    }
}
