package org.attunet.ranks;

import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** The failure of a training whose rank has gone without a reason of its own: started again, it goes on. */
public final class LostRankException extends AttunetException {
    LostRankException(String subject, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(subject, found, expected, remedy, cause);
    }
}
