package org.attunet.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a subject (a file, an option), what was found there, what was expected and the remedy. The command line
 * prints the message only; the cause, if any, with {@code -v}.
 */
public class AttunetException extends RuntimeException {
    private final String subject;
    private final String found;
    private final String expected;
    private final String remedy;

    /**
     * @param subject the file, folder or option at fault
     * @param found what is there, as a phrase ("spacing is 0 on axis z")
     * @param expected what should be there, as a noun phrase ("a positive number")
     * @param remedy what the user can do, as an imperative ("set pixdim[3]")
     */
    public AttunetException(String subject, String found, String expected, String remedy) {
        this(subject, found, expected, remedy, null);
    }

    /** The same, for a file. */
    public AttunetException(Path file, String found, String expected, String remedy) {
        this(file.toString(), found, expected, remedy, null);
    }

    /** The same, with the cause. */
    public AttunetException(String subject, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(subject + ": " + found + "; expected " + expected + ". Remedy: " + remedy + ".", cause);
        this.subject = subject;
        this.found = found;
        this.expected = expected;
        this.remedy = remedy;
    }

    public String subject() {
        return subject;
    }

    public String found() {
        return found;
    }

    public String expected() {
        return expected;
    }

    public String remedy() {
        return remedy;
    }
}
