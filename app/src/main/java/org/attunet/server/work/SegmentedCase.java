package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.metrics.LabelVolume;

/**
 * What came of one image.
 *
 * @param mask the mask's file
 * @param files every file that was written, the mask among them
 * @param summary what is told about it: name, grid, labels with voxels and millilitres, confidence, seconds
 */
public record SegmentedCase(Path mask, List<Path> files, ObjectNode summary) {
    /** Copies the list. */
    public SegmentedCase {
        files = List.copyOf(files);
    }

    /** How good the mask is by the model's own probabilities, 0 to 1. */
    public double confidence() {
        return summary.path("confidence").asDouble();
    }

    /** The summary of a segmentation; pictures have no physical size, so that their labels have no millilitres. */
    static ObjectNode summary(
            String name, ServedModel model, Grid grid, List<LabelVolume> volumes, double confidence, boolean physical) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("model", model.name()).put("model_version", model.version());
        for (int size : grid.size()) {
            json.withArray("size").add(size);
        }
        if (physical) {
            for (double spacing : grid.spacing()) {
                json.withArray("spacing_mm").add(spacing);
            }
        }
        ArrayNode labels = json.putArray("labels");
        for (LabelVolume volume : volumes) {
            ObjectNode label = labels.addObject()
                    .put("value", volume.value())
                    .put("name", volume.name())
                    .put("voxels", volume.voxels());
            if (physical) {
                label.put("volume_ml", volume.millilitres());
            } else {
                label.putNull("volume_ml");
            }
        }
        json.put("confidence", confidence);
        return json;
    }

    /** The names of the files, which all lie in one folder. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        return names;
    }
}
