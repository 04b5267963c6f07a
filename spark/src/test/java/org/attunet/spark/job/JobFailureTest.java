package org.attunet.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

/** Failures as Spark hands them on, and the sentence of each. */
class JobFailureTest {
    private final AttunetException own =
            new AttunetException("/a: b/x.zip", "it is: none; at all", "a bundle", "give one. Or two");

    @Test
    void a_failure_of_ours_is_found_among_the_causes() {
        assertThat(JobFailure.of("work", new IllegalStateException("task failed", new TaskFailure(own))))
                .isInstanceOf(TaskFailure.class)
                .hasMessage(own.getMessage());
    }

    @Test
    void a_failure_of_ours_is_found_in_a_text() {
        String text = "Job aborted due to stage failure: Task 1 in stage 0.0 failed 4 times, most recent failure: Lost"
                + " task 1.3 (TID 7) (host executor 1): " + new TaskFailure(own) + "\n\tat org.attunet.X.y(X.java:1)\n";
        AttunetException told = JobFailure.of("work", new IllegalStateException(text));
        assertThat(told).hasMessage(own.getMessage());
        assertThat(told.remedy()).isEqualTo("give one. Or two");
    }

    @Test
    void a_full_disk_is_reported_whoever_met_it() {
        var cause = new IOException("write failed: No space left on device");
        assertThat(JobFailure.of("segmentation of x", new IllegalStateException("[TASK_WRITE_FAILED] y", cause)))
                .hasMessageStartingWith("segmentation of x: the disk is full (write failed: No space left on device)")
                .hasMessageContaining("Remedy: free some space");
    }

    @Test
    void another_failure_is_reported_by_its_first_line() {
        assertThat(JobFailure.of("work", new IllegalStateException("the first line\n\tat a.b")))
                .hasMessage("work: Spark gave it up: the first line; expected a job that ends. Remedy: see Spark's log;"
                        + " run it again to continue.");
    }
}
