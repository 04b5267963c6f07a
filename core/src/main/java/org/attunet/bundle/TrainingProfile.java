package org.attunet.bundle;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.ConfigException;

/**
 * What a model keeps of its training cases, to notice images that are unlike them: the range of each trait of images and of
 * the network's response to them.
 *
 * <p>A trait's value x has the novelty |x - c| / h, where c is the centre of the training cases' range and h its half,
 * widened to {@value #SPREAD} (1 + {@value #FEW} / n) standard deviations as if the values were normally distributed: the
 * extremes of n such values lie about 0.57 + 0.97 log10 n standard deviations from the mean (within 0.1 for 5 to 1000). So
 * the limit, a novelty of 1, is wider apart the less the training cases say about it.
 *
 * @param cases the number of measured training cases
 * @param empty how many of them have no label at all in their masks
 * @param labelled how many of them have a label, by its value
 * @param traits the range of each trait by its name
 */
public record TrainingProfile(int cases, int empty, Map<Integer, Integer> labelled, Map<String, Range> traits) {
    /** Fewer cases have no range to speak of. */
    public static final int FEWEST_CASES = 5;

    private static final double SPREAD = 3;
    private static final double FEW = 12;
    private static final double DECIMALS = 1e4;

    /**
     * Checks the components and copies them.
     *
     * @param cases the number of measured training cases
     * @param empty how many of them have no label at all in their masks
     * @param labelled how many of them have a label, by its value
     * @param traits the range of each trait by its name
     */
    public TrainingProfile {
        labelled = Collections.unmodifiableMap(new TreeMap<>(labelled));
        traits = Collections.unmodifiableMap(new TreeMap<>(traits));
        if (cases < 0 || empty < 0 || empty > cases) {
            throw new ConfigException("empty masks", empty + " of " + cases, "a count of cases");
        }
    }

    /**
     * The smallest and the largest value of a trait.
     *
     * @param low at most {@code high}
     * @param high the largest value
     */
    public record Range(double low, double high) {
        /**
         * Checks the components.
         *
         * @param low at most {@code high}
         * @param high the largest value
         */
        public Range {
            if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
                throw new ConfigException("range", low + ".." + high, "two finite numbers, low before high");
            }
        }

        /** A value to four decimals, which is all that a comparison needs. */
        private static Range around(double value) {
            return new Range(Math.floor(value * DECIMALS) / DECIMALS, Math.ceil(value * DECIMALS) / DECIMALS);
        }
    }

    /**
     * {@return the profile of measured cases}
     *
     * @param empty how many of them have no label
     * @param labelled how many of them have a label, by its value
     * @param measured the traits of each case; a trait may be missing in some
     */
    public static TrainingProfile of(
            int empty, Map<Integer, Integer> labelled, List<? extends Map<String, Double>> measured) {
        Map<String, Range> traits = new TreeMap<>();
        for (Map<String, Double> one : measured) {
            one.forEach((name, value) -> traits.merge(
                    name, Range.around(value), (a, b) -> new Range(Math.min(a.low, b.low), Math.max(a.high, b.high))));
        }
        return new TrainingProfile(measured.size(), empty, labelled, traits);
    }

    /** {@return whether there are enough cases to compare images with} */
    @JsonIgnore
    public boolean comparable() {
        return cases >= FEWEST_CASES;
    }

    /**
     * The novelty of a trait's value: 0 in the middle of the training cases, above 1 if it is unlike all of them.
     *
     * @param trait the name of the trait
     * @param value the value of the image
     * @param least the least half width of the range, in the trait's unit
     * @return 0 for a trait that the training cases don't have
     */
    public double novelty(String trait, double value, double least) {
        Range range = traits.get(trait);
        if (range == null) {
            return 0;
        }
        double half = (range.high - range.low) / 2;
        double extremes = 0.57 + 0.97 * Math.log10(cases);
        double widened = half * SPREAD * (1 + FEW / cases) / extremes;
        return Math.abs(value - (range.low + half)) / Math.max(widened, half + least);
    }
}
