package org.attunet.spark.job;

import org.attunet.error.AttunetException;

/** Why a job of Spark's failed, as a sentence. */
public final class JobFailure {
    private static final String OWN = AttunetException.class.getName() + ": ";
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
            // An exception that came from an executor may have come as text.
            String message = String.valueOf(cause.getMessage());
            int own = message.indexOf(OWN);
            if (own >= 0) {
                return told(what, line(message.substring(own + OWN.length())), failure);
            }
            cause = cause.getCause();
        }
        return told(what, line(String.valueOf(failure.getMessage())), failure);
    }

    private static AttunetException told(String what, String reason, Throwable failure) {
        return new AttunetException(
                what,
                "Spark gave it up: " + reason,
                "a job that ends",
                "see Spark's log; run it again to go on",
                failure);
    }

    private static String line(String message) {
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).strip();
    }
}
