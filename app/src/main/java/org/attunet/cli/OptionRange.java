package org.attunet.cli;

import java.util.function.Predicate;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/** Checks of option values, before any work is done. */
final class OptionRange {
    private OptionRange() {}

    /** Refuses a value unless it is allowed, by the option's name; null stands for an option that was not given. */
    static <N> void check(String option, @Nullable N value, Predicate<N> allowed, String expected) {
        if (value != null && !allowed.test(value)) {
            throw new ConfigException(option, value, expected);
        }
    }

    /** Refuses a length of training that is not above 0. */
    static void checkLength(@Nullable Double maxMinutes, @Nullable Long steps) {
        check("--max-minutes", maxMinutes, n -> n > 0 && n < 1e6, "minutes above 0, below 1000000");
        check("--steps", steps, n -> n > 0, "a whole number from 1");
    }
}
