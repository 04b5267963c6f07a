package org.attunet.preprocess;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.attunet.error.ConfigException;

/**
 * One step of {@link Normalisation.Steps}: a clip or a linear map of one channel's values, fixed or fitted to them.
 *
 * <p>In JSON an object with the property {@code type}, such as {@code {"type": "linear", "gain": 2, "offset": 0}}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = IntensityStep.Clip.class, name = "clip"),
    @JsonSubTypes.Type(value = IntensityStep.ClipPercentiles.class, name = "clip_percentiles"),
    @JsonSubTypes.Type(value = IntensityStep.Linear.class, name = "linear"),
    @JsonSubTypes.Type(value = IntensityStep.Standardise.class, name = "standardise"),
    @JsonSubTypes.Type(value = IntensityStep.Range.class, name = "range")
})
public sealed interface IntensityStep {
    /** The map for a channel with these values, all finite. */
    Scaling fit(float[] values);

    /**
     * Values outside two limits become the limit.
     *
     * @param low the lower limit; {@code -Double.MAX_VALUE} for none
     * @param high the upper limit, {@code low} or more; {@code Double.MAX_VALUE} for none
     */
    record Clip(double low, double high) implements IntensityStep {
        /** Checks the range. */
        public Clip {
            if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
                throw new ConfigException("clip", low + ".." + high, "two finite numbers, low <= high");
            }
        }

        @Override
        public Scaling fit(float[] values) {
            return new Scaling(low, high, 1, 0);
        }
    }

    /**
     * Values outside two percentiles of the channel become the percentile.
     *
     * @param low percent, 0 to 100
     * @param high percent, above low, to 100
     */
    record ClipPercentiles(double low, double high) implements IntensityStep {
        /** Checks the range. */
        public ClipPercentiles {
            requirePercentiles("clip_percentiles", low, high);
        }

        @Override
        public Scaling fit(float[] values) {
            return new Scaling(Intensities.percentile(values, low), Intensities.percentile(values, high), 1, 0);
        }
    }

    /**
     * Times a gain plus an offset.
     *
     * @param gain a finite number other than 0
     * @param offset a finite number
     */
    record Linear(double gain, double offset) implements IntensityStep {
        /** Checks the ranges. */
        public Linear {
            if (gain == 0 || !Double.isFinite(gain) || !Double.isFinite(offset)) {
                throw new ConfigException("linear", gain + " x + " + offset, "finite numbers, and a gain other than 0");
            }
        }

        @Override
        public Scaling fit(float[] values) {
            return Scaling.of(gain, offset);
        }
    }

    /**
     * Minus the channel's mean, divided by its standard deviation (divisor n) plus a little.
     *
     * @param epsilon what is added to the standard deviation, 0 or more
     */
    record Standardise(double epsilon) implements IntensityStep {
        /** Checks the range. */
        public Standardise {
            requireEpsilon(epsilon);
        }

        @Override
        public Scaling fit(float[] values) {
            Scaling exact = Intensities.zScore(values, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            double mean = -exact.offset() / exact.scale();
            boolean constant = Intensities.min(values) == Intensities.max(values);
            return Scaling.standardising(
                    Double.NEGATIVE_INFINITY,
                    Double.POSITIVE_INFINITY,
                    mean,
                    constant ? 0 : 1 / exact.scale() + epsilon);
        }
    }

    /**
     * One percentile of the channel to 0, another to 1, without a clip.
     *
     * @param low percent, 0 to 100
     * @param high percent, above low, to 100
     * @param epsilon what is added to the distance between the two values, 0 or more
     */
    record Range(double low, double high, double epsilon) implements IntensityStep {
        /** Checks the ranges. */
        public Range {
            requirePercentiles("range", low, high);
            requireEpsilon(epsilon);
        }

        @Override
        public Scaling fit(float[] values) {
            double lowest = Intensities.percentile(values, low);
            double width = Intensities.percentile(values, high) - lowest + epsilon;
            return Scaling.standardising(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, lowest, width);
        }
    }

    private static void requirePercentiles(String name, double low, double high) {
        if (!(low >= 0 && low < high && high <= 100)) {
            throw new ConfigException(name, low + ".." + high, "0 <= low < high <= 100");
        }
    }

    private static void requireEpsilon(double epsilon) {
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new ConfigException("epsilon", epsilon, "a number of 0 or more");
        }
    }
}
