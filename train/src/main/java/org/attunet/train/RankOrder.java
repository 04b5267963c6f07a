package org.attunet.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.ranks.RankPlace;
import org.jspecify.annotations.Nullable;

/**
 * What a rank other than the first is told: what is trained on which cases, and where the ranks meet. As JSON it goes to
 * other processes and machines.
 *
 * @param data the data set's folder, as this rank's machine knows it
 * @param model what is trained
 * @param config how; the whole training's, not this rank's part of it
 * @param split cases of the data set
 * @param place of this rank among the others
 */
public record RankOrder(Path data, ModelDescription model, TrainingConfig config, Split split, RankPlace place) {
    private static final Path ITSELF = Path.of("order of a rank"); // where its parts stand, for messages

    /** The same for a rank in another place, whose machine has the data set somewhere else. */
    public RankOrder at(Path otherData, RankPlace otherPlace) {
        return new RankOrder(otherData, model, config, split, otherPlace);
    }

    /** One line of Json.OWN. */
    public String toJson() {
        ObjectNode tree = Json.OWN.createObjectNode().put("data", data.toString());
        tree.set("model", model.toTree());
        tree.set("config", Json.OWN.valueToTree(config));
        tree.set("split", split.toTree());
        tree.set("place", Json.OWN.valueToTree(place));
        return tree.toString();
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws AttunetException where it is something else
     */
    public static RankOrder ofJson(String json) {
        try {
            JsonNode tree = Json.OWN.readTree(json);
            if (!tree.path("data").isTextual() || !(tree.path("model") instanceof ObjectNode model)) {
                throw refused("no data or model in it", null);
            }
            TrainingConfig config = Json.OWN.treeToValue(tree.path("config"), TrainingConfig.class);
            RankPlace place = Json.OWN.treeToValue(tree.path("place"), RankPlace.class);
            if (config == null || place == null) {
                throw refused("no config or place in it", null);
            }
            return new RankOrder(
                    Path.of(tree.path("data").asText()),
                    ModelDescription.ofTree(ITSELF, model),
                    config,
                    Split.ofTree(ITSELF, tree.path("split")),
                    place);
        } catch (JsonProcessingException e) {
            throw refused(
                    e.getCause() instanceof AttunetException range
                            ? range.subject() + ": " + range.found()
                            : e.getOriginalMessage(),
                    e);
        } catch (InvalidPathException e) {
            throw refused(e.getReason(), e);
        }
    }

    private static AttunetException refused(String found, @Nullable Exception cause) {
        return new AttunetException(
                ITSELF.toString(), found, "what rank 0 gave", "let all ranks be of one version of this program", cause);
    }

    /**
     * Joins the others, trains with them to the end, and leaves. Writes nothing.
     *
     * @param memoryBytes the most that prepared cases may take
     * @param listener hears of this rank's reading and steps
     * @param started hears of the trainer before its first step, to be able to stop it
     * @throws AttunetException where this rank or another fails; the others are told before
     */
    public void carryOut(long memoryBytes, TrainingListener listener, Consumer<Trainer> started) {
        try (ProcessGroup ranks = ProcessGroup.join(place)) {
            ranks.telling(() -> {
                DataSet set = DataSets.open(data);
                try (var trainer = new Trainer(null, model, config, set, split, memoryBytes, null, ranks, listener)) {
                    started.accept(trainer);
                    return trainer.train();
                }
            });
        }
    }
}
