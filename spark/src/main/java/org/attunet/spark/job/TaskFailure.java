package org.attunet.spark.job;

import org.attunet.error.AttunetException;

/** A failure that concerns all cases of a task: the task fails, instead of each case. */
public final class TaskFailure extends AttunetException {
    /** Wraps the failure of one case. */
    public TaskFailure(AttunetException failure) {
        super(failure.subject(), failure.found(), failure.expected(), failure.remedy(), failure);
    }
}
