package org.attunet.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Content that may be sound but exceeds a limit of size or memory. */
public final class TooLargeException extends AttunetException {
    /**
     * Creates a failure of a file.
     *
     * @param file the file at fault
     * @param found what is there, as a phrase
     * @param expected what should be there, as a noun phrase
     * @param remedy what the user can do, as an imperative
     */
    public TooLargeException(Path file, String found, String expected, String remedy) {
        this(file, found, expected, remedy, null);
    }

    /**
     * Creates a failure of a file with its cause.
     *
     * @param file the file at fault
     * @param found what is there, as a phrase
     * @param expected what should be there, as a noun phrase
     * @param remedy what the user can do, as an imperative
     * @param cause what was thrown first; null if nothing was
     */
    public TooLargeException(Path file, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(file.toString(), found, expected, remedy, cause);
    }
}
