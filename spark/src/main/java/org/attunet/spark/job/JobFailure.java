package org.attunet.spark.job;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;

/** Why a job of Spark's failed, as a sentence. */
public final class JobFailure {
    /** A failure of ours that came from an executor as text, among the lines of a stack trace. */
    private static final Pattern OWN =
            Pattern.compile("org\\.attunet\\.[\\w.]+: (.+?): (.+?); expected (.+?)\\. Remedy: (.+)\\.");

    private static final Pattern FULL = Pattern.compile("No space left on device");
    private static final int DEEPEST = 20;

    private JobFailure() {}

    /**
     * The failure that a task threw, where it is one of ours; else one that names Spark's.
     *
     * @param what was done, as a noun
     */
    public static AttunetException of(String what, Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof AttunetException own) {
                return own;
            }
            String message = String.valueOf(cause.getMessage());
            Matcher own = OWN.matcher(message);
            if (own.find()) {
                return new AttunetException(own.group(1), own.group(2), own.group(3), own.group(4), failure);
            }
            if (FULL.matcher(message).find()) {
                return new AttunetException(
                        what,
                        "the disk is full (" + line(message) + ")",
                        "room for the job's files",
                        "free some space and run it again: it goes on where it stopped",
                        failure);
            }
            cause = cause.getCause();
        }
        return new AttunetException(
                what,
                "Spark gave it up: " + reason(failure),
                "a job that ends",
                "see Spark's log; run it again to go on",
                failure);
    }

    /** The first line of what a failure of Spark's says. */
    public static String reason(Throwable failure) {
        return line(String.valueOf(failure.getMessage()));
    }

    private static String line(String message) {
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).strip();
    }
}
