package org.attunet.compare;

import java.util.List;
import org.attunet.metrics.CaseResult;

/**
 * A trained network in a comparison, measured on the held-out cases.
 *
 * @param network what it is called, such as {@code attention-unet}
 * @param seed of its training
 * @param cases the measures of each held-out case
 * @param parameters its trained values
 * @param steps training steps taken
 * @param minutes of training, validations included
 */
public record ComparedRun(
        String network, long seed, List<CaseResult> cases, long parameters, long steps, double minutes) {
    /** Copies the list. */
    public ComparedRun {
        cases = List.copyOf(cases);
    }
}
