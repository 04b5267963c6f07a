package org.attunet.error;

import org.jspecify.annotations.Nullable;

/** A setting outside its range. */
public final class ConfigException extends AttunetException {
    /**
     * @param name the setting, as the user writes it
     * @param value the value that was given
     * @param expected the values that are allowed, as a noun phrase ("a number above 0")
     */
    public ConfigException(String name, @Nullable Object value, String expected) {
        super(name, "the value is " + value, expected, "choose " + expected + " for " + name);
    }

    /**
     * Refuses a value unless it is allowed; the other parameters are the constructor's.
     *
     * @param allowed whether the value is
     * @param name the setting, as the user writes it
     * @param value the value that was given
     * @param expected the values that are allowed, as a noun phrase
     */
    public static void check(boolean allowed, String name, @Nullable Object value, String expected) {
        if (!allowed) {
            throw new ConfigException(name, value, expected);
        }
    }
}
