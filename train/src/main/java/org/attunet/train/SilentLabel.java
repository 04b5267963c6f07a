package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelSet;
import org.attunet.metrics.OverlapCounts;

/**
 * A label in the masks of validation cases that no prediction contains.
 *
 * @param name of the label
 * @param value in the masks
 * @param cases the number of cases whose masks contain it, 1 or more
 */
record SilentLabel(String name, int value, int cases) {
    static final String ABOUT = "label ";

    /** The labels that are never predicted, of those in the masks. */
    static List<SilentLabel> among(List<OverlapCounts> counts, LabelSet labels) {
        List<SilentLabel> silent = new ArrayList<>();
        for (int value : labels.values()) {
            int cases = 0;
            long predicted = 0;
            for (OverlapCounts one : counts) {
                long hits = one.truePositives(value);
                cases += hits + one.falseNegatives(value) > 0 ? 1 : 0;
                predicted += hits + one.falsePositives(value);
            }
            if (cases > 0 && predicted == 0) {
                silent.add(new SilentLabel(labels.nameOf(labels.classOf(value)), value, cases));
            }
        }
        return silent;
    }

    /** The subject of this label's warnings. */
    String about() {
        return ABOUT + value;
    }

    TrainingWarning warning(long step) {
        return new TrainingWarning(
                step,
                about(),
                name + " (label " + value + ") is in the masks of " + cases + " validation "
                        + (cases == 1 ? "case" : "cases") + " but was predicted in none at step " + step
                        + ". Train longer, raise --foreground, or try --loss dice+focal; and check that its masks are"
                        + " right.");
    }
}
