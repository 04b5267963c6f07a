package org.attunet.server.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.Structure;
import org.attunet.io.Json;
import org.attunet.predict.ImageKind;
import org.attunet.predict.Segmentation;

/**
 * The result for one image.
 *
 * @param mask the mask's file
 * @param files all result files, including the mask
 * @param summary the JSON for clients: name, grid, labels with voxels and millilitres, confidence, warnings, seconds
 */
public record SegmentedCase(Path mask, List<Path> files, ObjectNode summary) {
    /** How the files with the mask of one label among overlapping ones begin. */
    static final String LABEL = "mask_label_";

    /** Copies the list. */
    public SegmentedCase {
        files = List.copyOf(files);
    }

    /** Returns how good the mask is by the model's own probabilities, 0 to 1; absent if it is empty. */
    public OptionalDouble confidence() {
        JsonNode value = summary.path("confidence");
        return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
    }

    /** Returns the file that answers a request for one image: the only one about objects if there are any, else the mask. */
    public Path answer() {
        return files.size() == 2 && isObjects(files.get(1)) ? files.get(1) : mask;
    }

    /** Whether {@link #answer} is the whole result, the masks of single labels aside. */
    public boolean single() {
        return files.stream()
                        .allMatch(file -> file.equals(mask)
                                || String.valueOf(file.getFileName()).startsWith(LABEL))
                || !answer().equals(mask);
    }

    private static boolean isObjects(Path file) {
        return String.valueOf(file.getFileName()).startsWith("objects.");
    }

    /** Returns how many objects there are, empty if they weren't looked for. */
    public OptionalInt objects() {
        JsonNode count = summary.path("objects").path("count");
        return count.isInt() ? OptionalInt.of(count.intValue()) : OptionalInt.empty();
    }

    /** Returns what the user should know before using the mask, as a list of sentences. */
    public JsonNode warnings() {
        return summary.path("warnings");
    }

    /** Returns the duration of a stage: {@code read}, {@code segment} or {@code write}. */
    public double seconds(String stage) {
        return summary.path("seconds").path(stage).asDouble();
    }

    /** Returns the summary without durations; without a physical size there are no millimetres, in 2D no millilitres. */
    static ObjectNode summary(String name, ServedModel model, Segmentation result, ImageKind kind) {
        LabelMap mask = result.labels();
        ObjectNode json = Json.object().put("name", name);
        json.put("model", model.name()).put("model_version", model.version());
        Grid grid = mask.grid();
        json.put("kind", kind.word());
        json.set("size", Json.OWN.valueToTree(grid.size()));
        if (grid.hasPhysicalSize()) {
            json.set("spacing_mm", Json.OWN.valueToTree(grid.spacing()));
        }
        ArrayNode labels = json.putArray("labels");
        for (Structure structure : result.structures()) {
            labels.addObject()
                    .put("value", structure.value())
                    .put("name", structure.name())
                    .put("voxels", structure.voxels())
                    .put("volume_ml", structure.millilitres())
                    .put("area_mm2", structure.squareMillimetres());
        }
        json.put("empty", result.confidence().isEmpty());
        json.put("confidence", result.reliability().confidenceOrNull());
        json.put("novelty", result.reliability().noveltyOrNull());
        json.put("unlike_training_data", result.reliability().unlikeTrainingOrNull());
        result.warnings().forEach(json.putArray("warnings")::add);
        return json;
    }
}
