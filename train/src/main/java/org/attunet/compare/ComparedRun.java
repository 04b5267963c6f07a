package org.attunet.compare;

import java.util.List;
import java.util.Map;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.ObjectMatch;

/**
 * A trained network of a comparison, measured on the held-out cases.
 *
 * @param network its name, such as {@code attention-unet}
 * @param seed of its training
 * @param cases the metrics of each held-out case
 * @param objects the AP of each held-out case at each of {@link ObjectMatch#IOUS}, by name; empty for data of structures
 * @param parameters number of trained values
 * @param steps training steps taken
 * @param minutes of training, validations included
 */
public record ComparedRun(
        String network,
        long seed,
        List<CaseResult> cases,
        Map<String, List<Double>> objects,
        long parameters,
        long steps,
        double minutes) {}
