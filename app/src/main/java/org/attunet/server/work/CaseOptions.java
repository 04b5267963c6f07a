package org.attunet.server.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.attunet.predict.Segmentation;
import org.attunet.predict.SegmenterOptions;

/**
 * What a client wants beside the mask.
 *
 * @param probabilities each class's probabilities
 * @param attention where each attention gate looked
 * @param uncertainty the voxels' entropy and, where several predictions vote, their disagreement
 * @param mirror test-time augmentation over the mirror images that training showed
 * @param layers all that the model tells, whatever else is wanted, as NIfTI files that a viewer lays over each other: see
 *     {@link ViewerLayers}
 */
public record CaseOptions(
        boolean probabilities, boolean attention, boolean uncertainty, boolean mirror, boolean layers) {
    /** The mask alone. */
    public static final CaseOptions MASK = new CaseOptions(false, false, false, false, false);

    /** Whether the result is more than a mask. */
    public boolean moreThanMask() {
        return probabilities || attention || uncertainty || layers;
    }

    /** The same as the segmenter wants it. */
    SegmenterOptions over(SegmenterOptions usual) {
        return usual.withProbabilities(probabilities || layers)
                .withAttention(attention || layers)
                .withUncertainty(uncertainty || layers)
                .withMirror(mirror);
    }

    /** What stands beside the mask in files of its own. */
    Segmentation beside(Segmentation all) {
        return new Segmentation(
                all.labels(),
                all.confidence(),
                probabilities ? all.probabilities() : null,
                attention ? all.attention() : Map.of(),
                uncertainty ? all.entropy() : null,
                uncertainty ? all.mutualInformation() : null);
    }

    /** As a job keeps them. */
    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("probabilities", probabilities)
                .put("attention", attention)
                .put("uncertainty", uncertainty)
                .put("mirror", mirror)
                .put("layers", layers);
    }

    /** What {@link #json} wrote; what is missing is not wanted. */
    static CaseOptions of(JsonNode json) {
        return new CaseOptions(
                json.path("probabilities").asBoolean(),
                json.path("attention").asBoolean(),
                json.path("uncertainty").asBoolean(),
                json.path("mirror").asBoolean(),
                json.path("layers").asBoolean());
    }
}
