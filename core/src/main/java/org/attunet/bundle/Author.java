package org.attunet.bundle;

import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A person who made a model, as a bundle names them.
 *
 * @param name the full name
 * @param affiliation where the person works; null where it isn't told
 * @param orcid the ORCID iD in four groups of four, such as {@code 0000-0002-1825-0097}; null where it isn't told
 * @param github the name on GitHub; null where it isn't told
 */
public record Author(
        String name,
        @Nullable String affiliation,
        @Nullable String orcid,
        @Nullable String github) {
    /** Checks the name, and the iD's form and check digit (ISO 7064, MOD 11-2). */
    public Author {
        if (name.isBlank()) {
            throw new ConfigException("author", "blank", "a name");
        }
        if (orcid != null && !validOrcid(orcid)) {
            throw new ConfigException("orcid", orcid, "an ORCID iD such as 0000-0002-1825-0097");
        }
    }

    /** An author of whom the name alone is told. */
    public static Author of(String name) {
        return new Author(name, null, null, null);
    }

    private static boolean validOrcid(String orcid) {
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
