package org.attunet.patches;

import java.util.random.RandomGenerator;
import org.attunet.error.ConfigException;

/**
 * An alteration that happens to some patches, with a strength drawn evenly from a range.
 *
 * @param probability 0 to 1, for each patch
 * @param low the least strength
 * @param high the greatest strength, not below {@code low}
 */
public record RandomRange(double probability, double low, double high) {
    /** It never happens. */
    public static final RandomRange NEVER = new RandomRange(0, 1, 1);

    /** Checks the ranges. */
    public RandomRange {
        if (!(probability >= 0 && probability <= 1)) {
            throw new ConfigException("probability", probability, "a number from 0 to 1");
        }
        if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new ConfigException("range", low + " to " + high, "two finite numbers, the lower first");
        }
    }

    /** Whether it happens this time. */
    boolean happens(RandomGenerator random) {
        // the draw is made in any case, so that what follows does not depend on the probability being 0
        return random.nextDouble() < probability;
    }

    /** A strength. */
    double draw(RandomGenerator random) {
        return low + (high - low) * random.nextDouble();
    }

    /** A factor whose logarithm is spread evenly, so that enlarging is as frequent as shrinking; the range is positive. */
    double drawFactor(RandomGenerator random) {
        return low * Math.pow(high / low, random.nextDouble());
    }

    void check(String name, double least, double most) {
        if (low < least || high > most) {
            throw new ConfigException(name, low + " to " + high, "a range within " + least + " to " + most);
        }
    }
}
