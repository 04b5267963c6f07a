package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.io.Json;
import org.attunet.predict.ImageKind;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmenter;
import org.jspecify.annotations.Nullable;

/**
 * A model under the name that clients use. Everything is read when the model is opened: a file that is replaced on disk
 * changes nothing until the server restarts.
 *
 * <p>Thread-safe.
 *
 * @param name in addresses: 1 to 100 letters, digits or {@code . _ -}
 * @param segmenter the opened model; closed with this
 * @param version the author's version, "1" if there is none
 * @param card the entry in {@code GET /api/models}; shared, not to be changed
 */
public record ServedModel(String name, Segmenter segmenter, String version, ObjectNode card) implements AutoCloseable {
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

    /** Checks the name. */
    public ServedModel {
        if (!name.matches(NAME)) {
            throw new ConfigException("model name", name, "1 to 100 letters, digits, '.', '_' or '-'");
        }
    }

    /**
     * Returns the served model of an open segmenter.
     *
     * @param bundle the source of its card; null for a run or an ensemble
     */
    public static ServedModel of(String name, Segmenter segmenter, @Nullable Bundle bundle) {
        ObjectNode card = Json.object().put("name", name);
        ModelDescription model = segmenter.model();
        card.put("title", model.name());
        card.put("dimension", model.shape().dimension());
        card.put("channels", model.shape().channels());
        card.put("takes", ImageKind.of(model).word() + "s");
        card.put("hounsfield", ImageKind.takesHounsfieldUnits(model));
        ArrayNode labels = card.putArray("labels");
        LabelSet shown = ObjectSegmentation.labels(segmenter);
        shown.asMap()
                .forEach(
                        (value, label) -> labels.addObject().put("value", value).put("name", label));
        card.put("objects", segmenter.objects().isPresent());
        if (shown.hasRegions()) {
            ArrayNode regions = card.putArray("regions");
            for (LabelSet.Region region : shown.regions()) {
                ObjectNode one =
                        regions.addObject().put("value", region.value()).put("name", region.name());
                region.covers().forEach(one.putArray("covers")::add);
            }
        }
        card.put("preprocessing", model.preprocessing().toString());
        card.set("patch", Json.OWN.valueToTree(model.patch()));
        card.put("models_in_ensemble", segmenter.models().size());
        card.put("mirror_images", segmenter.mirrors());
        String version = "1";
        if (bundle != null) {
            card.put("description", bundle.description());
            card.put("licence", bundle.licence());
            putCard(card, bundle.card());
            card.put("page", bundle.page());
            version = bundle.version().isEmpty() ? version : bundle.version();
        }
        card.put("version", version);
        return new ServedModel(name, segmenter, version, card);
    }

    private static void putCard(ObjectNode json, ModelCard card) {
        json.put("intended_use", card.intendedUse());
        card.limits().forEach(json.putArray("limits")::add);
        ArrayNode scores = json.putArray("scores");
        for (ModelCard.Score score : card.scores()) {
            scores.addObject()
                    .put("metric", score.metric())
                    .put("label", score.label())
                    .put("cases", score.cases())
                    .put("precision", score.precision().name().toLowerCase(Locale.ROOT))
                    .put("mean", score.mean())
                    .put("low", score.low())
                    .put("high", score.high())
                    .put("n", score.count());
        }
    }

    /** Returns 2 or 3, the smallest dimension of an image; a 2D model segments volumes slice by slice. */
    public int dimension() {
        return segmenter.model().shape().dimension();
    }

    /** Returns the channels of an image, 1 or more. */
    public int channels() {
        return segmenter.model().shape().channels();
    }

    /** Returns the number of the network's outputs for each voxel. */
    public int outputs() {
        return segmenter.model().shape().outputs();
    }

    /** Returns the labels of the masks; of a model of objects the objects alone. */
    public LabelSet labels() {
        return ObjectSegmentation.labels(segmenter);
    }

    /** Whether it was trained to tell objects apart. */
    public boolean findsObjects() {
        return segmenter.objects().isPresent();
    }

    @Override
    public void close() {
        segmenter.close();
    }
}
