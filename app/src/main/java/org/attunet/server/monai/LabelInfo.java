package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * How 3D Slicer numbers the segments that it exports: 1, 2, … in the order in which they stand in its list, whatever the
 * labels' own values are. Its client tells that order as {@code label_info}, a list of {@code name} and {@code idx}; {@code
 * idx} counts segments that were not exported too, so that only the order says which voxel means what.
 *
 * @param names the segments' names, the first exported as 1; empty where the client says nothing of them
 */
record LabelInfo(List<String> names) {
    LabelInfo {
        names = List.copyOf(names);
    }

    /** The order that a client tells. */
    static LabelInfo of(JsonNode params) {
        List<String> names = new ArrayList<>();
        for (JsonNode segment : params.path("label_info")) {
            if (!segment.path("name").isTextual() || !segment.path("idx").isIntegralNumber()) {
                return new LabelInfo(List.of()); // another client's
            }
            names.add(segment.path("name").asText());
        }
        return new LabelInfo(names);
    }

    /**
     * Gives each voxel its label's own value.
     *
     * @throws AttunetException where a segment that has voxels is called like no label
     */
    void apply(String theirs, LabelMap labels, LabelSet declared) {
        if (names.isEmpty()) {
            return;
        }
        int[] values = new int[names.size() + 1];
        for (Map.Entry<Integer, String> label : declared.asMap().entrySet()) {
            for (int k = 0; k < names.size(); k++) {
                values[k + 1] = names.get(k).equals(label.getValue()) ? label.getKey() : values[k + 1];
            }
        }
        short[] voxels = labels.voxels();
        for (int i = 0; i < voxels.length; i++) {
            int number = labels.label(i);
            if (number >= values.length || (number > 0 && values[number] == 0)) {
                throw new AttunetException(
                        theirs,
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
