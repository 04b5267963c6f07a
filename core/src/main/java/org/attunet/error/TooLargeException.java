package org.attunet.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Content that may be sound but exceeds a limit of size or memory. */
public final class TooLargeException extends AttunetException {
    /** Creates a failure of a file. */
    public TooLargeException(Path file, String found, String expected, String remedy) {
        this(file, found, expected, remedy, null);
    }

    /** Creates a failure of a file with its cause. */
    public TooLargeException(Path file, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(file.toString(), found, expected, remedy, cause);
    }
}
