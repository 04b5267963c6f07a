package org.attunet.server.work;

import java.nio.file.FileSystemException;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;

/** A failure that the client's own image or request is the reason of, under the name that the client gave it. */
public final class InputException extends AttunetException {
    /** What is wrong with the input, for the status of the answer. */
    public enum Fault {
        /** It can't be read, or doesn't suit. */
        UNSUITABLE,
        /** It is more than the server takes. */
        TOO_LARGE,
        /** Its format is none that is known. */
        UNKNOWN_FORMAT
    }

    private final Fault fault;

    /** A failure of a kind. */
    public InputException(Fault fault, String subject, String found, String expected, String remedy) {
        this(fault, new AttunetException(subject, found, expected, remedy));
    }

    private InputException(Fault fault, AttunetException e) {
        super(e.subject(), e.found(), e.expected(), e.remedy(), e);
        this.fault = fault;
    }

    /** The same failure without our paths; as it is where the system refuses a file that is ours. */
    public static AttunetException of(ImageCase given, AttunetException e) {
        if (e instanceof InputException || isSystems(e)) {
            return e;
        }
        String found = e.found();
        String expected = e.expected();
        for (var file : given.files()) {
            found = found.replace(file.toString(), given.id());
            expected = expected.replace(file.toString(), given.id());
        }
        return new InputException(
                e.getCause() instanceof OutOfMemoryError ? Fault.TOO_LARGE : Fault.UNSUITABLE,
                new AttunetException(given.id(), found, expected, e.remedy(), e));
    }

    private static boolean isSystems(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof FileSystemException
                        || String.valueOf(cause.getMessage()).contains("Too many open files")
                        || String.valueOf(cause.getMessage()).contains("Input/output error"));
    }

    /** The same where memory ran out. */
    public static InputException tooLarge(ImageCase given, OutOfMemoryError e) {
        return new InputException(
                Fault.TOO_LARGE,
                new AttunetException(
                        given.id(),
                        "the image needs more memory than the server has",
                        "an image that fits " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
                        "crop or resample it, or leave out probabilities and attention",
                        e));
    }

    /** What is wrong. */
    public Fault fault() {
        return fault;
    }
}
