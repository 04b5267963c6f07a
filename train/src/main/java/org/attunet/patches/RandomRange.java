package org.attunet.patches;

import java.util.random.RandomGenerator;
import org.attunet.error.ConfigException;

/**
 * The probability of an alteration of a patch, with the range that its strength is drawn from uniformly.
 *
 * @param probability 0 to 1, for each patch
 * @param low the least strength
 * @param high the greatest strength, not below {@code low}
 */
public record RandomRange(double probability, double low, double high) {
    /** An alteration that never happens. */
    public static final RandomRange NEVER = new RandomRange(0, 1, 1);

    /** Checks the ranges. */
    public RandomRange {
        ConfigException.check(probability >= 0 && probability <= 1, "probability", probability, "a number from 0 to 1");
        boolean range = low <= high && !Double.isInfinite(low) && !Double.isInfinite(high);
        ConfigException.check(range, "range", low + " to " + high, "two finite numbers, the lower first");
    }

    /** Draws whether the alteration happens. */
    boolean happens(RandomGenerator random) {
        // draws even with probability 0, so that the numbers drawn next don't depend on it
        return random.nextDouble() < probability;
    }

    /** Draws a strength. */
    double draw(RandomGenerator random) {
        return low + (high - low) * random.nextDouble();
    }

    /** Draws a factor, uniform in its logarithm, so that enlarging is as frequent as shrinking; the range is positive. */
    double drawFactor(RandomGenerator random) {
        return low * Math.pow(high / low, random.nextDouble());
    }

    void requireWithin(String name, double least, double most) {
        if (low < least || high > most) {
            throw new ConfigException(name, low + " to " + high, "a range within " + least + " to " + most);
        }
    }
}
