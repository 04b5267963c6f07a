package org.attunet.spark.job;

import org.attunet.error.AttunetException;

/** A failure that the other cases of a task would meet too, so that the task fails in place of each of them. */
public final class TaskFailure extends AttunetException {
    /** The failure that a case met. */
    public TaskFailure(AttunetException failure) {
        super(failure.subject(), failure.found(), failure.expected(), failure.remedy(), failure);
    }
}
