package org.attunet.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;

/** Reads the zoo's preprocessing steps (formats 0.4 and 0.5) as a {@link Normalisation}; refuses unsupported ones. */
final class ForeignPreprocessing {
    private static final String KNOWN =
            "clip, scale_linear, scale_range, zero_mean_unit_variance, fixed_zero_mean_unit_variance, each channel by"
                    + " itself";
    private static final double EPSILON = 1e-6;

    private final int channels;
    private final List<IntensityStep> steps = new ArrayList<>();

    private ForeignPreprocessing(int channels) {
        this.channels = channels;
    }

    /** The name of a pre- or postprocessing step, in either format. */
    static String name(RdfNode step) {
        return step.get("id").present()
                ? step.get("id").text()
                : step.get("name").text();
    }

    /** Returns the normalisation that is equivalent to an input's steps. */
    static Normalisation normalisation(List<RdfNode> preprocessing, int channels) {
        ForeignPreprocessing read = new ForeignPreprocessing(channels);
        preprocessing.forEach(read::add);
        return read.steps.isEmpty() ? new Normalisation.Identity() : new Normalisation.Steps(read.steps);
    }

    private void add(RdfNode step) {
        RdfNode kwargs = step.get("kwargs");
        switch (name(step)) {
            case "ensure_dtype" -> requireFloat(step, kwargs);
            case "clip" -> clip(step, kwargs);
            case "scale_linear" -> scaleLinear(step, kwargs);
            case "scale_range" -> scaleRange(step, kwargs);
            case "zero_mean_unit_variance" -> standardise(step, kwargs);
            case "fixed_zero_mean_unit_variance" -> fixed(step, kwargs);
            default -> throw unsupported(step, "the preprocessing " + name(step));
        }
    }

    private static void requireFloat(RdfNode step, RdfNode kwargs) {
        String type = kwargs.get("dtype").text();
        if (!type.equals("float32")) {
            throw step.unsupported("the preprocessing ensure_dtype to " + type, "float32");
        }
    }

    private void clip(RdfNode step, RdfNode kwargs) {
        if (kwargs.get("min_percentile").present()
                || kwargs.get("max_percentile").present()) {
            requireSpace(step, kwargs.get("axes"));
            boolean mixed = kwargs.get("min").present() || kwargs.get("max").present();
            if (mixed) {
                throw unsupported(step, "clip between a number and a percentile");
            }
            steps.add(new IntensityStep.ClipPercentiles(
                    kwargs.get("min_percentile").number(0),
                    kwargs.get("max_percentile").number(100)));
            return;
        }
        steps.add(new IntensityStep.Clip(
                kwargs.get("min").number(-Double.MAX_VALUE), kwargs.get("max").number(Double.MAX_VALUE)));
    }

    private void scaleLinear(RdfNode step, RdfNode kwargs) {
        steps.add(new IntensityStep.Linear(scalar(step, kwargs.get("gain"), 1), scalar(step, kwargs.get("offset"), 0)));
    }

    private void scaleRange(RdfNode step, RdfNode kwargs) {
        requireSample(step, kwargs);
        requireSpace(step, kwargs.get("axes"));
        if (kwargs.get("reference_tensor").present()) {
            throw unsupported(step, "scale_range by another tensor");
        }
        steps.add(new IntensityStep.Range(
                kwargs.get("min_percentile").number(0),
                kwargs.get("max_percentile").number(100),
                kwargs.get("eps").number(EPSILON)));
    }

    private void standardise(RdfNode step, RdfNode kwargs) {
        if (kwargs.get("mean").present() || kwargs.get("std").present()) {
            fixed(step, kwargs);
            return;
        }
        requireSample(step, kwargs);
        requireSpace(step, kwargs.get("axes"));
        steps.add(new IntensityStep.Standardise(kwargs.get("eps").number(EPSILON)));
    }

    private void fixed(RdfNode step, RdfNode kwargs) {
        double std =
                scalar(step, kwargs.get("std"), Double.NaN) + kwargs.get("eps").number(0);
        if (!(std > 0)) {
            throw kwargs.get("std").wrong("a number above 0");
        }
        steps.add(new IntensityStep.Linear(1 / std, -scalar(step, kwargs.get("mean"), Double.NaN) / std));
    }

    /** Refuses statistics over a data set, which one image can't give. */
    private static void requireSample(RdfNode step, RdfNode kwargs) {
        String mode = kwargs.get("mode").text("per_sample");
        if (!mode.equals("per_sample")) {
            throw unsupported(step, "the preprocessing " + name(step) + " in the mode " + mode);
        }
    }

    /** One number, or a list of equal numbers; a number per channel is not supported. */
    private static double scalar(RdfNode step, RdfNode value, double otherwise) {
        if (!value.node().isArray()) {
            return Double.isNaN(otherwise) ? value.number() : value.number(otherwise);
        }
        Set<Double> numbers = new TreeSet<>();
        value.items().forEach(item -> numbers.add(item.number()));
        if (numbers.size() != 1) {
            throw unsupported(step, "the preprocessing " + name(step) + " with a " + value.at() + " for each channel");
        }
        return numbers.iterator().next();
    }

    /** Statistics must be over all spatial axes, and over channels only if there is one. */
    private void requireSpace(RdfNode step, RdfNode axes) {
        Set<String> names = new TreeSet<>();
        if (axes.node().isTextual()) {
            axes.text().chars().forEach(c -> names.add(String.valueOf((char) c)));
        } else {
            axes.items().forEach(axis -> names.add(axis.text()));
        }
        boolean all = names.isEmpty();
        boolean space = all || (names.contains("y") && names.contains("x"));
        boolean overChannels = all || names.contains("channel") || names.contains("c");
        if (!space || (overChannels && channels > 1)) {
            String over = all ? "all axes" : String.join(", ", names);
            throw unsupported(step, "the preprocessing " + name(step) + " over " + over);
        }
    }

    private static RuntimeException unsupported(RdfNode step, String what) {
        return step.unsupported(what, KNOWN);
    }
}
