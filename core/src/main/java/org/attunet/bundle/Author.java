package org.attunet.bundle;

import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * An author of a model, as a bundle credits them.
 *
 * @param name the full name
 * @param affiliation the author's institution; null if not given
 * @param orcid the ORCID iD in four groups of four, such as {@code 0000-0002-1825-0097}; null if not given
 * @param github the user name on GitHub; null if not given
 */
public record Author(
        String name,
        @Nullable String affiliation,
        @Nullable String orcid,
        @Nullable String github) {
    /**
     * Checks the components.
     *
     * @param name the full name
     * @param affiliation the author's institution; null if not given
     * @param orcid the ORCID iD in four groups of four, such as {@code 0000-0002-1825-0097}; null if not given
     * @param github the user name on GitHub; null if not given
     */
    public Author {
        if (name.isBlank()) {
            throw new ConfigException("author", "blank", "a name");
        }
        if (orcid != null && !isOrcid(orcid)) {
            throw new ConfigException("orcid", orcid, "an ORCID iD such as 0000-0002-1825-0097");
        }
    }

    /**
     * {@return an author with a name only}
     *
     * @param name the full name
     */
    public static Author of(String name) {
        return new Author(name, null, null, null);
    }

    private static boolean isOrcid(String orcid) {
        if (!orcid.matches("(\\d{4}-){3}\\d{3}[\\dX]")) {
            return false;
        }
        String digits = orcid.replace("-", "");
        int total = 0;
        for (int i = 0; i < 15; i++) {
            total = (total + Character.digit(digits.charAt(i), 10)) * 2 % 11;
        }
        int check = (12 - total) % 11;
        return digits.charAt(15) == (check == 10 ? 'X' : (char) ('0' + check));
    }
}
