package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.attunet.console.Console;
import org.attunet.io.JsonFile;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.Plan;
import org.attunet.train.ProcessMemory;
import org.attunet.train.Run;
import org.attunet.train.TrainingOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The actual cost of a training beside the estimate of its plan.
 *
 * @param result of the training
 * @param plan as changed by the command line
 * @param seconds from the start of the command to the report; null for a training that was resumed
 */
record TrainingCost(
        TrainingOutcome.Result result, Plan plan, @Nullable Double seconds) {
    /** Prints the cost and writes it into the run's {@code summary.json}. */
    void report(Console console, Run run) {
        long peak = ProcessMemory.peak();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode took = json.putObject("took");
        took.put("steps", result.steps());
        took.put("training_minutes", result.minutes());
        if (seconds != null) {
            took.put("minutes", seconds / 60);
        }
        if (peak > 0) {
            took.put("memory_mib", peak >> 20);
        }
        CostEstimate expected = plan.expected();
        if (expected != null) {
            json.putObject("expected")
                    .put("steps", expected.steps(plan.config()))
                    .put("training_minutes", expected.trainingMinutes(plan.config()))
                    .put("minutes", expected.minutes(plan.config()))
                    .put("memory_mib", expected.memoryMib());
        }
        JsonFile.write(run.summary(), json);
        console.message(took(peak) + (expected == null ? "" : "; expected " + expected(expected)));
    }

    private String took(long peak) {
        double minutes = seconds == null ? result.minutes() : seconds / 60;
        return Wording.format("took %d steps, %.1f minutes", result.steps(), minutes)
                + (seconds == null ? " of training" : "")
                + (peak == 0 ? "" : Wording.format(", %d MiB of memory", peak >> 20));
    }

    private String expected(CostEstimate expected) {
        return Wording.format(
                        "%d steps, %.1f minutes",
                        expected.steps(plan.config()),
                        seconds == null ? expected.trainingMinutes(plan.config()) : expected.minutes(plan.config()))
                + (expected.memoryMib() == 0 ? "" : ", " + expected.memoryMib() + " MiB");
    }
}
