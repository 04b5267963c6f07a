package org.attunet.preprocess;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.error.ConfigException;
import org.attunet.image.Image;

/**
 * The map from a scanner's or camera's intensities to the network's. Each channel has its own statistics, over all its
 * voxels. A constant channel that is centred on itself becomes 0, never NaN. NaN and minus infinity count as the smallest
 * finite value of their channel, infinity as the largest.
 *
 * <p>In JSON an object with the property {@code type}, such as {@code {"type": "window", "low": -160, "high": 240}}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Normalisation.ZScore.class, name = "z_score"),
    @JsonSubTypes.Type(value = Normalisation.PercentileClip.class, name = "percentile_clip"),
    @JsonSubTypes.Type(value = Normalisation.Window.class, name = "window"),
    @JsonSubTypes.Type(value = Normalisation.ClipStandardise.class, name = "clip_standardise"),
    @JsonSubTypes.Type(value = Normalisation.UnitRange.class, name = "unit_range"),
    @JsonSubTypes.Type(value = Normalisation.MinMax.class, name = "min_max"),
    @JsonSubTypes.Type(value = Normalisation.Steps.class, name = "steps"),
    @JsonSubTypes.Type(value = Normalisation.Identity.class, name = "identity")
})
public sealed interface Normalisation {
    /**
     * {@return the map for a channel with these values, all finite}
     *
     * @param channel its values
     */
    Scaling fit(float[] channel);

    /**
     * {@return the normalised image, a copy}
     *
     * @param image the image
     */
    default Image apply(Image image) {
        return image.map(image.grid(), channel -> {
            float[] values = Intensities.finite(channel);
            return fit(values).apply(values);
        });
    }

    /** {@return whether it takes percentiles of a channel, other than its least and largest value} */
    default boolean hasPercentiles() {
        return this instanceof PercentileClip
                || (this instanceof Steps own && own.steps().stream().anyMatch(IntensityStep::hasPercentiles));
    }

    /** Mean 0 and standard deviation 1: for MR and other scales without a unit. */
    record ZScore() implements Normalisation {
        @Override
        public String toString() {
            return "z-score";
        }

        @Override
        public Scaling fit(float[] channel) {
            return Intensities.zScore(channel, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
    }

    /**
     * Clipped to two percentiles of the channel, then to mean 0 and standard deviation 1.
     *
     * @param low percent, 0 to 100
     * @param high percent, above low, to 100
     */
    record PercentileClip(double low, double high) implements Normalisation {
        /**
         * Checks the components.
         *
         * @param low percent, 0 to 100
         * @param high percent, above low, to 100
         */
        public PercentileClip {
            Intensities.requirePercentiles("percentile_clip", low, high);
        }

        @Override
        public String toString() {
            return words("clipped to the percentiles %s to %s, z-score", low, high);
        }

        @Override
        public Scaling fit(float[] channel) {
            return Intensities.zScore(
                    channel, Intensities.percentile(channel, low), Intensities.percentile(channel, high));
        }
    }

    /**
     * Clipped to a window of fixed intensities (HU in CT), then to 0..1.
     *
     * @param low becomes 0
     * @param high becomes 1; above low
     */
    record Window(double low, double high) implements Normalisation {
        /**
         * Checks the components.
         *
         * @param low becomes 0
         * @param high becomes 1; above low
         */
        public Window {
            requireRange("window", low, high);
        }

        @Override
        public String toString() {
            return words("window %s to %s", low, high);
        }

        @Override
        public Scaling fit(float[] channel) {
            return Scaling.standardising(low, high, low, high - low);
        }
    }

    /**
     * Clipped to fixed intensities, then minus a fixed mean and divided by a fixed standard deviation, both of the
     * training set, as nnU-Net does for CT.
     *
     * @param low the lower limit
     * @param high the upper limit, above low
     * @param mean becomes 0
     * @param std above 0
     */
    record ClipStandardise(double low, double high, double mean, double std) implements Normalisation {
        /**
         * Checks the components.
         *
         * @param low the lower limit
         * @param high the upper limit, above low
         * @param mean becomes 0
         * @param std above 0
         */
        public ClipStandardise {
            requireRange("clip_standardise", low, high);
            if (!Double.isFinite(mean)) {
                throw new ConfigException("clip_standardise mean", mean, "a finite number");
            }
            if (!(std > 0) || Double.isInfinite(std)) {
                throw new ConfigException("clip_standardise std", std, "a number above 0");
            }
        }

        @Override
        public String toString() {
            return words("clipped to %s to %s, less %s, divided by %s", low, high, mean, std);
        }

        @Override
        public Scaling fit(float[] channel) {
            return Scaling.standardising(low, high, mean, std);
        }
    }

    /**
     * A fixed range to 0..1 without clipping: 0..255 for 8-bit pictures.
     *
     * @param low becomes 0
     * @param high becomes 1; above low
     */
    record UnitRange(double low, double high) implements Normalisation {
        /**
         * Checks the components.
         *
         * @param low becomes 0
         * @param high becomes 1; above low
         */
        public UnitRange {
            requireRange("unit_range", low, high);
        }

        @Override
        public String toString() {
            return words("%s to %s as 0 to 1", low, high);
        }

        @Override
        public Scaling fit(float[] channel) {
            return Scaling.of(1 / (high - low), -low / (high - low));
        }
    }

    /** The channel's minimum to 0, its maximum to 1. */
    record MinMax() implements Normalisation {
        @Override
        public String toString() {
            return "minimum to maximum as 0 to 1";
        }

        @Override
        public Scaling fit(float[] channel) {
            double min = Intensities.min(channel);
            return Scaling.standardising(min, Intensities.max(channel) - min);
        }
    }

    /** No change. */
    record Identity() implements Normalisation {
        @Override
        public String toString() {
            return "as they are";
        }

        @Override
        public Scaling fit(float[] channel) {
            return Scaling.of(1, 0);
        }
    }

    /**
     * A sequence of steps, as models made elsewhere define it. Each is fitted to the output of the steps before it.
     *
     * @param steps in the order of their application
     */
    record Steps(List<IntensityStep> steps) implements Normalisation {
        /**
         * Copies the components.
         *
         * @param steps in the order of their application
         */
        public Steps {
            steps = List.copyOf(steps);
        }

        @Override
        public Scaling fit(float[] channel) {
            Scaling all = Scaling.of(1, 0);
            float[] values = channel;
            for (IntensityStep step : steps) {
                Scaling next = step.fit(values);
                values = next.apply(values);
                all = all.then(next);
            }
            return all;
        }
    }

    private static String words(String format, double... numbers) {
        return String.format(
                format,
                Arrays.stream(numbers)
                        .mapToObj(n -> n == Math.rint(n) && Math.abs(n) < 1e6
                                ? Long.toString((long) n)
                                : String.format(Locale.ROOT, "%.4g", n))
                        .toArray());
    }

    private static void requireRange(String name, double low, double high) {
        if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new ConfigException(name, low + ".." + high, "two finite numbers, low < high");
        }
    }
}
