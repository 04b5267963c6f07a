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
    /**
     * {@return the map for a channel with these values, all finite}
     *
     * @param values the values of a channel
     */
    Scaling fit(float[] values);

    /** {@return whether it takes percentiles of a channel, other than its least and largest value} */
    default boolean hasPercentiles() {
        return this instanceof ClipPercentiles || (this instanceof Range r && (r.low() != 0 || r.high() != 100));
    }

    /**
     * Clips to fixed limits.
     *
     * @param low the lower limit; {@code -Double.MAX_VALUE} for none
     * @param high the upper limit, {@code low} or more; {@code Double.MAX_VALUE} for none
     */
    record Clip(double low, double high) implements IntensityStep {
        /**
         * Checks the components.
         *
         * @param low the lower limit; {@code -Double.MAX_VALUE} for none
         * @param high the upper limit, {@code low} or more; {@code Double.MAX_VALUE} for none
         */
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
     * Clips to two percentiles of the channel.
     *
     * @param low percent, 0 to 100
     * @param high percent, above low, to 100
     */
    record ClipPercentiles(double low, double high) implements IntensityStep {
        /**
         * Checks the components.
         *
         * @param low percent, 0 to 100
         * @param high percent, above low, to 100
         */
        public ClipPercentiles {
            Intensities.requirePercentiles("clip_percentiles", low, high);
        }

        @Override
        public Scaling fit(float[] values) {
            return new Scaling(Intensities.percentile(values, low), Intensities.percentile(values, high), 1, 0);
        }
    }

    /**
     * Multiplies by a gain, then adds an offset.
     *
     * @param gain a finite number other than 0
     * @param offset a finite number
     */
    record Linear(double gain, double offset) implements IntensityStep {
        /**
         * Checks the components.
         *
         * @param gain a finite number other than 0
         * @param offset a finite number
         */
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
     * Subtracts the channel's mean and divides by its standard deviation (divisor n) plus epsilon.
     *
     * @param epsilon added to the standard deviation, 0 or more
     */
    record Standardise(double epsilon) implements IntensityStep {
        /**
         * Checks the components.
         *
         * @param epsilon added to the standard deviation, 0 or more
         */
        public Standardise {
            requireEpsilon(epsilon);
        }

        @Override
        public Scaling fit(float[] values) {
            Scaling exact = Intensities.zScore(values, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            double mean = -exact.offset() / exact.scale();
            boolean constant = Intensities.min(values) == Intensities.max(values);
            return Scaling.standardising(mean, constant ? 0 : 1 / exact.scale() + epsilon);
        }
    }

    /**
     * Maps one percentile of the channel to 0 and another to 1, without clipping.
     *
     * @param low percent, 0 to 100
     * @param high percent, above low, to 100
     * @param epsilon added to the difference of the two values, 0 or more
     */
    record Range(double low, double high, double epsilon) implements IntensityStep {
        /**
         * Checks the components.
         *
         * @param low percent, 0 to 100
         * @param high percent, above low, to 100
         * @param epsilon added to the difference of the two values, 0 or more
         */
        public Range {
            Intensities.requirePercentiles("range", low, high);
            requireEpsilon(epsilon);
        }

        @Override
        public Scaling fit(float[] values) {
            double lowest = Intensities.percentile(values, low);
            return Scaling.standardising(lowest, Intensities.percentile(values, high) - lowest + epsilon);
        }
    }

    private static void requireEpsilon(double epsilon) {
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new ConfigException("epsilon", epsilon, "a number of 0 or more");
        }
    }
}
