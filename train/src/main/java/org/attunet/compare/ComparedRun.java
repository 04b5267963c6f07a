package org.attunet.compare;

import java.util.List;
import org.attunet.metrics.CaseResult;

/**
 * A trained network of a comparison, measured on the held-out cases.
 *
 * @param network its name, such as {@code attention-unet}
 * @param seed of its training
 * @param cases the metrics of each held-out case
 * @param parameters number of trained values
 * @param steps training steps taken
 * @param minutes of training, validations included
 */
public record ComparedRun(
        String network, long seed, List<CaseResult> cases, long parameters, long steps, double minutes) {}
