package org.attunet.bundle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.preprocess.IntensityStep;

/**
 * Writes normalisations that are no operators of the model ({@link NormalisationNodes}) as the zoo's processing steps
 * (format 0.5), each channel by itself over its spatial axes.
 */
final class ZooPreprocessing {
    /** The smallest {@code eps} that the zoo allows; attunet itself adds nothing to divisors. */
    private static final double EPSILON = 1e-9;

    private final ArrayNode steps = JsonNodeFactory.instance.arrayNode();
    private final int dimension;

    private ZooPreprocessing(int dimension) {
        this.dimension = dimension;
    }

    /** Returns the steps that are left for a program that runs a {@link PortableModel}. */
    static ArrayNode of(ModelDescription model) {
        ZooPreprocessing zoo = new ZooPreprocessing(model.shape().dimension());
        zoo.add("ensure_dtype").put("dtype", "float32");
        if (!NormalisationNodes.suit(model)) {
            NormalisationNodes.steps(model.preprocessing().normalisation()).forEach(zoo::add);
        }
        return zoo.steps;
    }

    private void add(IntensityStep step) {
        if (step instanceof IntensityStep.Clip c) {
            add("clip").put("min", c.low()).put("max", c.high());
        } else if (step instanceof IntensityStep.ClipPercentiles p) {
            clipPercentiles(p);
        } else if (step instanceof IntensityStep.Linear l) {
            add("scale_linear").put("gain", l.gain()).put("offset", l.offset());
        } else if (step instanceof IntensityStep.Standardise s) {
            axes(add("zero_mean_unit_variance").put("eps", Math.max(EPSILON, s.epsilon())));
        } else if (step instanceof IntensityStep.Range r) {
            ObjectNode range = add("scale_range").put("min_percentile", r.low()).put("max_percentile", r.high());
            axes(range.put("eps", Math.max(EPSILON, r.epsilon())));
        }
    }

    private void clipPercentiles(IntensityStep.ClipPercentiles clip) {
        if (clip.high() <= 1) {
            // The zoo refuses percentiles up to 1 as probable fractions.
            throw new ConfigException("percentile_clip", clip.high(), "an upper percentile above 1");
        }
        axes(add("clip").put("min_percentile", clip.low()).put("max_percentile", clip.high()));
    }

    private ObjectNode add(String id) {
        return steps.addObject().put("id", id).putObject("kwargs");
    }

    /** Statistics are computed over the spatial axes of one image. */
    private void axes(ObjectNode kwargs) {
        ArrayNode axes = kwargs.putArray("axes");
        (dimension == 2 ? List.of("y", "x") : List.of("z", "y", "x")).forEach(axes::add);
    }
}
