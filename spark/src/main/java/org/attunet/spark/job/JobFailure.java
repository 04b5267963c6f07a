package org.attunet.spark.job;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;

/** Turns a failed job's exception from Spark into an {@link AttunetException}. */
public final class JobFailure {
    /** An {@link AttunetException} of an executor, which arrives as text within a stack trace. */
    private static final Pattern OWN =
            Pattern.compile("org\\.attunet\\.[\\w.]+: (.+?): (.+?); expected (.+?)\\. Remedy: (.+)\\.");

    private static final int MAX_DEPTH = 20;

    private JobFailure() {}

    /**
     * Returns the failure that a task threw if it is an {@link AttunetException}, otherwise one that quotes Spark's.
     *
     * @param work what was done, as a noun
     */
    public static AttunetException of(String work, Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause instanceof AttunetException own) {
                return own;
            }
            String message = String.valueOf(cause.getMessage());
            Matcher own = OWN.matcher(message);
            if (own.find()) {
                return new AttunetException(own.group(1), own.group(2), own.group(3), own.group(4), failure);
            }
            if (message.contains("No space left on device")) {
                return new AttunetException(
                        work,
                        "the disk is full (" + reason(cause) + ")",
                        "room for the job's files",
                        "free some space and run it again: it continues where it stopped",
                        failure);
            }
            cause = cause.getCause();
        }
        return new AttunetException(
                work,
                "Spark gave it up: " + reason(failure),
                "a job that ends",
                "see Spark's log; run it again to continue",
                failure);
    }

    /** Returns the first line of a failure's message. */
    public static String reason(Throwable failure) {
        return String.valueOf(failure.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .strip();
    }
}
