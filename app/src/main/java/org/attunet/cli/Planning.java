package org.attunet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.plan.Plan;

/** How commands come to a plan: made from the data, or read from a file. */
final class Planning {
    private Planning() {}

    /** A plan from the cases that a split doesn't hold out. */
    static Plan of(Console console, DataSet set, Split split, Plan.Budget budget) {
        List<String> seen = new ArrayList<>(split.train());
        seen.addAll(split.validation());
        try (ProgressDisplay progress = ProgressDisplay.start(console, "Looking at cases", seen.size())) {
            Fingerprint found = Fingerprint.of(set, set.cases(seen), (done, total) -> progress.reached(done));
            return Plan.of(found, budget);
        }
    }

    /**
     * The plan in a file.
     *
     * @throws AttunetException where it isn't for data of this kind
     */
    static Plan read(Path file, DataSet set) {
        Plan plan = Plan.read(file);
        check(file, "network.dimension", plan.model().network().dimension(), set.dimension(), set);
        check(file, "network.channels", plan.model().network().channels(), set.channels(), set);
        check(file, "labels", plan.model().labels(), set.labels(), set);
        return plan;
    }

    private static void check(Path file, String key, Object planned, Object found, DataSet set) {
        if (!planned.equals(found)) {
            throw new AttunetException(
                    file,
                    key + " is " + planned,
                    found + " as in " + set.root(),
                    "have a plan made for this data with 'attunet plan " + set.root() + "'");
        }
    }
}
