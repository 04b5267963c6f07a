package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * The client parameter {@code label_info}: the names of the segments in a mask that 3D Slicer exports, in the order of their
 * values 1, 2, …, whatever the labels' own values are. It is a list of {@code name} and {@code idx}; {@code idx} counts
 * segments that were not exported too, so only the order relates names to voxels.
 *
 * @param names the segments' names, the first with value 1; empty if the client sends none
 */
record LabelInfo(List<String> names) {
    LabelInfo {
        names = List.copyOf(names);
    }

    /** Reads it from a client's parameters. */
    static LabelInfo of(JsonNode params) {
        List<String> names = new ArrayList<>();
        for (JsonNode segment : params.path("label_info")) {
            if (!segment.path("name").isTextual() || !segment.path("idx").isIntegralNumber()) {
                return new LabelInfo(List.of()); // another client's format
            }
            names.add(segment.path("name").asText());
        }
        return new LabelInfo(names);
    }

    /**
     * Replaces each voxel's segment number by its label's value.
     *
     * @param mask the name of the label map, for the failure
     * @throws AttunetException if a segment with voxels has no label's name
     */
    void apply(String mask, LabelMap labels, LabelSet declared) {
        if (names.isEmpty()) {
            return;
        }
        int[] values = new int[names.size() + 1];
        declared.asMap().forEach((value, label) -> {
            for (int k = 0; k < names.size(); k++) {
                values[k + 1] = names.get(k).equals(label) ? value : values[k + 1];
            }
        });
        short[] voxels = labels.voxels();
        for (int i = 0; i < voxels.length; i++) {
            int number = labels.label(i);
            if (number >= values.length || (number > 0 && values[number] == 0)) {
                throw new AttunetException(
                        mask,
                        number >= values.length
                                ? "a voxel is of segment " + number + " of " + names.size()
                                : "segment " + number + " is called \"" + shortened(names.get(number - 1)) + "\"",
                        "segments called as the labels " + String.join(", ", declared.names()),
                        "rename or remove that segment");
            }
            voxels[i] = (short) values[number];
        }
    }

    private static String shortened(String name) {
        return name.length() > 80 ? name.substring(0, 80) + "…" : name;
    }
}
