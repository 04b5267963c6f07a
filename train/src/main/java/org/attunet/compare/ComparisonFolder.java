package org.attunet.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CasesCsv;
import org.attunet.metrics.ObjectsCsv;
import org.attunet.network.NetworkVariant;
import org.attunet.plan.Plan;
import org.attunet.weights.Architecture;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a comparison of networks: {@code settings.json}, {@code split.json} and {@code plan.yaml}, which are
 * fixed when it begins, a run folder {@code NETWORK-seedN} for each network and seed, and the tables
 * {@code comparison.md}, {@code .csv}, {@code .json} and {@code .html}.
 */
public record ComparisonFolder(Path folder) {
    /** The plan that all networks are trained by. */
    public Path plan() {
        return folder.resolve("plan.yaml");
    }

    /** The page with the tables. */
    public Path page() {
        return folder.resolve("comparison.html");
    }

    /** The run folder of a network and seed. */
    public Path run(NetworkVariant network, long seed) {
        return folder.resolve(network + "-seed" + seed);
    }

    /**
     * Returns the split of a comparison that has begun, else null.
     *
     * @throws AttunetException if it began with other settings
     */
    public @Nullable Split split(ObjectNode settings) {
        Path file = folder.resolve("settings.json");
        if (!Files.exists(file)) {
            return null;
        }
        JsonNode existing = JsonFile.read(file, "the settings of a comparison");
        if (!existing.equals(settings)) {
            throw new AttunetException(
                    folder,
                    "it holds a comparison with the settings " + existing,
                    "one with " + settings,
                    "repeat the command that began it, or choose another folder with -o");
        }
        return Split.read(folder.resolve("split.json"));
    }

    /** Begins a comparison; the settings are written last. */
    public void begin(ObjectNode settings, Split split, Plan plan) {
        WholeFile.makeFolder(folder);
        split.write(folder.resolve("split.json"));
        plan.write(plan());
        JsonFile.write(folder.resolve("settings.json"), settings);
    }

    /** Marks a run as finished, after its training and evaluation; the result has at least steps and minutes. */
    public void finish(NetworkVariant network, long seed, ObjectNode result) {
        JsonFile.write(run(network, seed).resolve("result.json"), result);
    }

    /** Returns a finished run, null if it has yet to be trained or measured. */
    public @Nullable ComparedRun finished(NetworkVariant network, long seed) {
        Path run = run(network, seed);
        Path result = run.resolve("result.json");
        if (!Files.exists(result)) {
            return null;
        }
        JsonNode json = JsonFile.read(result, "a run's result");
        Path objects = run.resolve("objects.csv");
        return new ComparedRun(
                network.toString(),
                seed,
                CasesCsv.read(run.resolve("cases.csv")),
                Files.exists(objects) ? ObjectsCsv.averagePrecisions(objects) : Map.of(),
                Architecture.parameters(
                        ModelDescription.read(run.resolve("model.json")).network()),
                json.path("steps").asLong(),
                json.path("minutes").asDouble());
    }

    /** Writes the tables; {@code subtitle} and {@code settings} are for the page. */
    public void write(Comparison comparison, DataSet data, String subtitle, Map<String, String> settings) {
        WholeFile.writeString(folder.resolve("comparison.md"), ComparisonTable.toMarkdown(comparison, data.labels()));
        WholeFile.writeString(folder.resolve("comparison.csv"), ComparisonTable.toCsv(comparison));
        JsonFile.write(folder.resolve("comparison.json"), ComparisonTable.toJson(comparison));
        String title = "attunet: networks compared on " + data.name();
        ComparisonPage.write(page(), title, subtitle, comparison, data.labels(), settings);
    }
}
