package org.attunet.server.monai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;

/**
 * What labels' values mean to the data store and to those who send masks. A mask without names is what a model answered,
 * with the model's values, or what somebody drew in OHIF, which numbers the labels of {@code /info/} by their position. It is
 * understood only where all of them mean the same.
 *
 * @param declared the data store's labels
 * @param conflicts values that mean something else to a served model, each as a clause of a sentence
 */
record LabelConflicts(LabelSet declared, List<String> conflicts) {
    private static final int MOST_TOLD = 3;

    LabelConflicts {
        conflicts = List.copyOf(conflicts);
    }

    /**
     * Holds models against the data store.
     *
     * @param models their labels by their names
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

    /** The conflicts, of many the first. */
    String told() {
        List<String> first = conflicts.subList(0, Math.min(MOST_TOLD, conflicts.size()));
        return String.join(", ", first) + (conflicts.size() > MOST_TOLD ? ", and so on" : "");
    }

    /** Whether a label's position in {@code /info/} is its value. */
    boolean byPosition() {
        return declared.values().get(declared.size() - 1) == declared.size();
    }

    /**
     * Refuses a mask without names where its values may mean something else.
     *
     * @param bare whether it is OHIF's
     * @throws AttunetException naming what is in conflict
     */
    void requireClear(String theirs, boolean bare) {
        if (!conflicts.isEmpty()) {
            throw new AttunetException(
                    theirs,
                    "it tells no names of its labels, and " + told(),
                    "label_info, a list of name and idx of all segments in the order of their values",
                    "send label_info in params, or serve no models that number labels otherwise");
        }
        if (bare && !byPosition()) {
            throw new AttunetException(
                    theirs,
                    "its voxels number labels by position, and the data store has " + declared,
                    "labels numbered from 1 without gaps",
                    "save it from 3D Slicer, or send NIfTI or NRRD with the labels' own values");
        }
    }
}
