package org.attunet.ranks;

import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** The failure of a training that lost a rank, whose process or machine ended; the training can be resumed. */
public final class LostRankException extends AttunetException {
    LostRankException(String subject, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(subject, found, expected, remedy, cause);
    }
}
