package org.attunet.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.io.Json;
import org.attunet.io.PixelSize;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.ranks.RankConfig;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TrainingJob} as it is sent to another rank: as JSON, with the data set's folder and the ranks' meeting place.
 *
 * @param data where the data set lies on that rank's machine
 * @param pixelSize of images whose files have none; null if unknown
 * @param ignored the value of the masks' voxels without a judgement, or -1
 * @param model what is trained
 * @param config of the whole training, not this rank's part of it
 * @param split cases of the data set
 * @param rank which rank it is, and where the ranks meet
 */
public record RankJob(
        DataFolders data,
        @Nullable PixelSize pixelSize,
        int ignored,
        ModelDescription model,
        TrainingConfig config,
        Split split,
        RankConfig rank) {
    private static final Path ITSELF = Path.of("job of a rank"); // the subject of messages

    /** The job for a rank that reads the data set from the same folder. */
    public static RankJob of(TrainingJob job, RankConfig rank) {
        DataFolders folders = job.data().folders().absolute();
        return new RankJob(
                folders, job.data().pixelSize(), job.data().ignored(), job.model(), job.config(), job.split(), rank);
    }

    /** The same for another rank, on whose machine the data set has another folder. */
    public RankJob at(Path otherData, RankConfig other) {
        return new RankJob(
                DataFolders.of(otherData).ofObjects(data.objects()), pixelSize, ignored, model, config, split, other);
    }

    /** Opens the data set. */
    public TrainingJob open() {
        return new TrainingJob(model, config, DataSets.open(data, pixelSize, ignored, ProgressListener.NONE), split);
    }

    /** One line of JSON. */
    public String toJson() {
        ObjectNode tree = Json.OWN.createObjectNode().put("data", data.root().toString());
        if (pixelSize != null) {
            tree.put("pixel_size", pixelSize.toString());
        }
        if (ignored != LabelMap.NONE) {
            tree.put("ignored", ignored);
        }
        tree.put("objects", data.objects());
        if (data.images() != null && data.masks() != null) {
            tree.put("images", data.images().toString())
                    .put("masks", data.masks().toString());
        }
        tree.set("model", model.toTree());
        tree.set("config", config.toTree());
        tree.set("split", split.toTree());
        tree.set("rank", Json.OWN.valueToTree(rank));
        return tree.toString();
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws AttunetException if it is something else
     */
    public static RankJob ofJson(String json) {
        try {
            JsonNode tree = Json.OWN.readTree(json);
            if (!tree.path("data").isTextual() || !(tree.path("model") instanceof ObjectNode model)) {
                throw refused("no data or model in it", null);
            }
            RankConfig rank = Json.OWN.treeToValue(tree.path("rank"), RankConfig.class);
            if (!tree.path("config").isObject() || rank == null) {
                throw refused("no config or rank in it", null);
            }
            return new RankJob(
                    new DataFolders(Path.of(tree.path("data").asText()), path(tree, "images"), path(tree, "masks"))
                            .ofObjects(tree.path("objects").asBoolean()),
                    PixelSize.of(tree.path("pixel_size").asText()),
                    tree.path("ignored").asInt(LabelMap.NONE),
                    ModelDescription.ofTree(ITSELF, model),
                    TrainingConfig.ofTree(tree.path("config")),
                    Split.ofTree(ITSELF, tree.path("split")),
                    rank);
        } catch (JsonProcessingException e) {
            throw refused(
                    e.getCause() instanceof AttunetException own
                            ? own.subject() + ": " + own.found()
                            : e.getOriginalMessage(),
                    e);
        } catch (InvalidPathException e) {
            throw refused(e.getReason(), e);
        }
    }

    private static @Nullable Path path(JsonNode tree, String key) {
        return tree.path(key).isTextual() ? Path.of(tree.path(key).asText()) : null;
    }

    private static AttunetException refused(String found, @Nullable Exception cause) {
        return new AttunetException(
                ITSELF.toString(), found, "what rank 0 sent", "let all ranks run one version of this program", cause);
    }

    /**
     * Joins the other ranks, trains with them to the end, and leaves. Writes nothing.
     *
     * @param memoryBytes of prepared cases that this rank keeps
     * @param listener is notified of this rank's reading and steps
     * @param started receives the trainer before its first step, to be able to stop it
     * @throws AttunetException if this rank or another fails; the others are notified first
     */
    public void run(long memoryBytes, TrainingListener listener, Consumer<Trainer> started) {
        try (ProcessGroup ranks = ProcessGroup.join(rank)) {
            ranks.guarded(() -> {
                try (var trainer = new Trainer(null, open().withMemory(memoryBytes), ranks, listener)) {
                    started.accept(trainer);
                    return trainer.train();
                }
            });
        }
    }
}
