package org.attunet.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a subject (a file, an option), what was found there, what was expected and the remedy. The command line
 * prints the message only; the cause, if any, with {@code -v}.
 */
public class AttunetException extends RuntimeException {
    /** What is at fault. */
    private final String subject;
    /** What is there. */
    private final String found;
    /** What should be there. */
    private final String expected;
    /** What the user can do. */
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

    /**
     * The same, for a file.
     *
     * @param file the file at fault
     * @param found what is there, as a phrase
     * @param expected what should be there, as a noun phrase
     * @param remedy what the user can do, as an imperative
     */
    public AttunetException(Path file, String found, String expected, String remedy) {
        this(file.toString(), found, expected, remedy, null);
    }

    /**
     * The same, with the cause.
     *
     * @param subject the file, folder or option at fault
     * @param found what is there, as a phrase
     * @param expected what should be there, as a noun phrase
     * @param remedy what the user can do, as an imperative
     * @param cause what was thrown first; null if nothing was
     */
    public AttunetException(String subject, String found, String expected, String remedy, @Nullable Throwable cause) {
        super(subject + ": " + found + "; expected " + expected + ". Remedy: " + remedy + ".", cause);
        this.subject = subject;
        this.found = found;
        this.expected = expected;
        this.remedy = remedy;
    }

    /** {@return the file, folder or option at fault} */
    public String subject() {
        return subject;
    }

    /** {@return what is there, as a phrase} */
    public String found() {
        return found;
    }

    /** {@return what should be there, as a noun phrase} */
    public String expected() {
        return expected;
    }

    /** {@return what the user can do, as an imperative} */
    public String remedy() {
        return remedy;
    }
}
