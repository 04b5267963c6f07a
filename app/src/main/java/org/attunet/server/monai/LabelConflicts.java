package org.attunet.server.monai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;

/**
 * The label values whose meaning differs between the data store and the served models. A mask without label names either
 * came from a model, with the model's values, or was drawn in OHIF, which numbers the labels of {@code /info/} by position.
 * It is accepted only if all of these numberings agree.
 *
 * @param declared the data store's labels
 * @param conflicts values with another meaning in a served model, each as a clause of a sentence
 */
record LabelConflicts(LabelSet declared, List<String> conflicts) {
    private static final int MOST_LISTED = 3;

    /**
     * Compares models with the data store.
     *
     * @param models the models' labels by model name
     */
    static LabelConflicts of(LabelSet declared, Map<String, LabelSet> models) {
        List<String> conflicts = new ArrayList<>();
        Map<Integer, String> ours = declared.asMap();
        models.forEach((model, labels) -> labels.asMap().forEach((value, name) -> {
            String here = ours.get(value);
            if (here != null && !here.equals(name)) {
                conflicts.add(value + " is " + here + " in the data store and " + name + " in the model " + model);
            }
        }));
        return new LabelConflicts(declared, conflicts);
    }

    String text() {
        List<String> first = conflicts.subList(0, Math.min(MOST_LISTED, conflicts.size()));
        return String.join(", ", first) + (conflicts.size() > MOST_LISTED ? ", and so on" : "");
    }

    /** Whether each label's position in {@code /info/} is its value. */
    boolean byPosition() {
        return declared.values()
                .equals(IntStream.rangeClosed(1, declared.size()).boxed().toList());
    }

    /**
     * Refuses a mask without label names if its values may mean something else.
     *
     * @param positional whether its values are positions, as OHIF's are
     * @throws AttunetException naming the conflict
     */
    void requireNone(String name, boolean positional) {
        if (!conflicts.isEmpty()) {
            throw new AttunetException(
                    name,
                    "it has no label names, and " + text(),
                    "label_info, a list of name and idx of all segments in the order of their values",
                    "send label_info in params, or serve no models that number labels otherwise");
        }
        if (positional && !byPosition()) {
            throw new AttunetException(
                    name,
                    "its voxels number labels by position, and the data store has " + declared,
                    "labels numbered from 1 without gaps",
                    "save it from 3D Slicer, or send NIfTI or NRRD with the labels' own values");
        }
    }
}
