package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.ConfigException;
import org.attunet.predict.Segmenter;
import org.jspecify.annotations.Nullable;

/**
 * A model under the name that clients call it by. All that it is was read when it was opened, so that a file that is
 * replaced on disk changes nothing until the server starts anew.
 *
 * <p>Thread-safe.
 *
 * @param name in addresses: letters, digits, {@code . _ -}, 1 to 100 of them
 * @param segmenter what computes; closed with the model
 * @param version the maker's version, "1" where there is none
 * @param card what {@code GET /api/models} tells of the model; shared, not to be changed
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
     * A model that is open already.
     *
     * @param bundle where it came from, for its card; null for a run or an ensemble
     */
    public static ServedModel of(String name, Segmenter segmenter, @Nullable Bundle bundle) {
        ObjectNode card = JsonNodeFactory.instance.objectNode().put("name", name);
        ModelDescription model = segmenter.model();
        card.put("title", model.name());
        card.put("dimension", model.shape().dimension());
        card.put("channels", model.shape().channels());
        ArrayNode labels = card.putArray("labels");
        model.labels()
                .asMap()
                .forEach(
                        (value, label) -> labels.addObject().put("value", value).put("name", label));
        card.put("preprocessing", model.preprocessing().toString());
        for (int size : model.patch()) {
            card.withArray("patch").add(size);
        }
        card.put("models_in_ensemble", segmenter.models().size());
        card.put("mirror_images", segmenter.mirrors());
        String version = bundle == null ? "" : bundle.version();
        if (bundle != null) {
            card.put("description", bundle.description());
            card.put("licence", bundle.licence());
            tell(card, bundle.card());
            card.put("page", bundle.page());
        }
        card.put("version", version.isEmpty() ? "1" : version);
        return new ServedModel(name, segmenter, version.isEmpty() ? "1" : version, card);
    }

    private static void tell(ObjectNode tree, ModelCard card) {
        tree.put("intended_use", card.intendedUse());
        card.limits().forEach(tree.putArray("limits")::add);
        ArrayNode scores = tree.putArray("scores");
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

    /** 2 or 3: what the model takes at least; a 2D model takes volumes slice by slice. */
    public int dimension() {
        return segmenter.model().shape().dimension();
    }

    /** Channels of an image, 1 or more. */
    public int channels() {
        return segmenter.model().shape().channels();
    }

    @Override
    public void close() {
        segmenter.close();
    }
}
