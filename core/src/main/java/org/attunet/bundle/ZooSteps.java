package org.attunet.bundle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.attunet.error.ConfigException;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;

/** Normalisations in the zoo's vocabulary of processing steps (format 0.5): each channel by itself, over its space. */
final class ZooSteps {
    /** The least that the zoo takes for what is added to a divisor against 0: our own adds nothing. */
    private static final double EPSILON = 1e-9;

    /** The least standard deviation that the zoo takes as fixed. */
    private static final double LEAST_STD = 1e-6;

    private final ArrayNode steps = JsonNodeFactory.instance.arrayNode();
    private final int dimension;

    private ZooSteps(int dimension) {
        this.dimension = dimension;
    }

    /** The steps that do what the normalisation does. */
    static ArrayNode of(Normalisation normalisation, int dimension) {
        ZooSteps zoo = new ZooSteps(dimension);
        zoo.add("ensure_dtype").put("dtype", "float32");
        zoo.add(normalisation);
        return zoo.steps;
    }

    private void add(Normalisation normalisation) {
        if (normalisation instanceof Normalisation.ZScore) {
            standardise();
        } else if (normalisation instanceof Normalisation.PercentileClip p) {
            clipPercentiles(p);
            standardise();
        } else if (normalisation instanceof Normalisation.Window w) {
            add("clip").put("min", w.low()).put("max", w.high());
            scale(w.low(), w.high() - w.low());
        } else if (normalisation instanceof Normalisation.ClipStandardise c) {
            add("clip").put("min", c.low()).put("max", c.high());
            if (c.std() < LEAST_STD) {
                scale(c.mean(), c.std());
            } else {
                add("fixed_zero_mean_unit_variance").put("mean", c.mean()).put("std", c.std());
            }
        } else if (normalisation instanceof Normalisation.UnitRange u) {
            scale(u.low(), u.high() - u.low());
        } else if (normalisation instanceof Normalisation.MinMax) {
            ObjectNode range = add("scale_range").put("min_percentile", 0.0).put("max_percentile", 100.0);
            axes(range.put("eps", EPSILON));
        } else if (normalisation instanceof Normalisation.Steps own) {
            own.steps().forEach(this::add);
        }
    }

    private void add(IntensityStep step) {
        if (step instanceof IntensityStep.Clip c) {
            add("clip").put("min", c.low()).put("max", c.high());
        } else if (step instanceof IntensityStep.ClipPercentiles p) {
            clipPercentiles(new Normalisation.PercentileClip(p.low(), p.high()));
        } else if (step instanceof IntensityStep.Linear l) {
            add("scale_linear").put("gain", l.gain()).put("offset", l.offset());
        } else if (step instanceof IntensityStep.Standardise s) {
            axes(add("zero_mean_unit_variance").put("eps", Math.max(EPSILON, s.epsilon())));
        } else if (step instanceof IntensityStep.Range r) {
            ObjectNode range = add("scale_range").put("min_percentile", r.low()).put("max_percentile", r.high());
            axes(range.put("eps", Math.max(EPSILON, r.epsilon())));
        }
    }

    private void clipPercentiles(Normalisation.PercentileClip clip) {
        if (clip.high() <= 1) {
            // The zoo takes percentiles up to 1 for a mistake of scale.
            throw new ConfigException("percentile_clip", clip.high(), "an upper percentile above 1");
        }
        axes(add("clip").put("min_percentile", clip.low()).put("max_percentile", clip.high()));
    }

    private void standardise() {
        axes(add("zero_mean_unit_variance").put("eps", EPSILON));
    }

    private void scale(double centre, double width) {
        add("scale_linear").put("gain", 1 / width).put("offset", -centre / width);
    }

    private ObjectNode add(String id) {
        return steps.addObject().put("id", id).putObject("kwargs");
    }

    /** Statistics are taken over one image's space, each channel by itself. */
    private void axes(ObjectNode kwargs) {
        ArrayNode axes = kwargs.putArray("axes");
        for (String axis : RdfWriter.space(dimension)) {
            axes.add(axis);
        }
    }
}
