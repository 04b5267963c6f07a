package org.attunet.server.work;

import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;

/** A failure caused by the client's own image or request, reported under the name that the client gave it. */
public final class InputException extends AttunetException {
    /** The kinds of faults, which decide the status of the response. */
    public enum Fault {
        UNSUITABLE,
        TOO_LARGE,
        UNKNOWN_FORMAT
    }

    private final Fault fault;

    /** Creates a failure of a kind. */
    public InputException(Fault fault, String subject, String found, String expected, String remedy) {
        this(fault, new AttunetException(subject, found, expected, remedy));
    }

    private InputException(Fault fault, AttunetException e) {
        super(e.subject(), e.found(), e.expected(), e.remedy(), e);
        this.fault = fault;
    }

    /**
     * Returns the failure without the server's own paths; returns it unchanged if the operating system is its cause.
     *
     * @param name the client's name for the image
     * @param files the image's files on the server
     */
    public static AttunetException of(String name, List<Path> files, AttunetException e) {
        if (e instanceof InputException || isSystemFailure(e)) {
            return e;
        }
        if (e.getCause() instanceof OutOfMemoryError error) {
            return outOfMemory(name, error);
        }
        Fault fault = Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                        .anyMatch(TooLargeException.class::isInstance)
                ? Fault.TOO_LARGE
                : Fault.UNSUITABLE;
        String found = e.found();
        String expected = e.expected();
        for (Path file : files) {
            found = found.replace(file.toString(), name);
            expected = expected.replace(file.toString(), name);
        }
        return new InputException(fault, new AttunetException(name, found, expected, e.remedy(), e));
    }

    private static boolean isSystemFailure(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof FileSystemException
                        || String.valueOf(cause.getMessage()).contains("Too many open files")
                        || String.valueOf(cause.getMessage()).contains("Input/output error"));
    }

    /** Returns the failure for an image that exceeds the memory. */
    public static InputException outOfMemory(String name, OutOfMemoryError e) {
        return new InputException(
                Fault.TOO_LARGE,
                new AttunetException(
                        name,
                        "the image needs more memory than the server has",
                        "an image that fits " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
                        "crop or resample it, or leave out probabilities and attention",
                        e));
    }

    /** Returns the failure for an image that has more voxels than the server accepts. */
    public static InputException tooManyVoxels(String name, Grid grid, long most) {
        return new InputException(
                Fault.TOO_LARGE,
                name,
                "it has " + grid.voxels() + " voxels (" + grid + ")",
                "at most " + most,
                "crop or resample the image, or have the server's --max-voxels raised");
    }

    /** Returns the kind of the fault. */
    public Fault fault() {
        return fault;
    }
}
