package org.attunet.spark;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.ConfigException;
import org.attunet.spark.train.TrainJob;
import org.attunet.spark.train.TrainOrder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet spark train}: trains one network on several executors. */
@Command(
        name = "train",
        description = {
            "Train one network on several executors; each task takes its share of every batch.",
            "A lost executor costs the time since the last checkpoint: Spark restarts the stage, and training"
                    + " continues."
        },
        footer = {
            "",
            "Examples:",
            "  attunet spark train data -o run --ranks 2 --max-minutes 20",
            "  attunet spark train hdfs://host/data -o hdfs://host/run --master spark://host:7077 --ranks 8 --batch 32",
            "  attunet spark train data -o run --resume"
        })
final class SparkTrainCommand extends JobCommand {
    @Parameters(
            index = "0",
            paramLabel = "DATA",
            description = "The data set: a folder that every machine has, or an address such as hdfs://host/data.")
    private String data;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "RUN",
            description = "The run folder to create: a path that every machine has, or an address.")
    private String output;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = "Tasks that train together (default: as many as can run with two patches each).")
    private int ranks;

    @Option(names = "--resume", description = "Continue the training in RUN, with its own settings.")
    private boolean resume;

    @Option(names = "--plan", paramLabel = "FILE", description = "Use this plan (default: plan from the data).")
    private @Nullable Path plan;

    @Option(
            names = "--max-minutes",
            paramLabel = "N",
            description = "Minutes of training (default: 30, unless --steps).")
    private double maxMinutes;

    @Option(names = "--steps", paramLabel = "N", description = "Number of steps; makes the result reproducible.")
    private long steps;

    @Option(names = "--batch", paramLabel = "N", description = "Patches per step over all ranks (default: the plan's).")
    private int batch;

    @Option(names = "--seed", description = "Determines split, initial weights and batches (default: the plan's, 1).")
    private @Nullable Long seed;

    @Option(
            names = "--sync-batch-norm",
            description =
                    "Compute the statistics of batch normalisation and of Dice over all ranks' patches, so that the"
                            + " result does not depend on the number of ranks.")
    private boolean syncBatchNorm;

    @Mixin
    private IgnoreOptions ignore;

    @Override
    void setDefaults(SparkConf conf) {
        // Only lost executors fail a stage; failures that a second attempt would meet too are results.
        conf.setIfMissing("spark.stage.maxConsecutiveAttempts", "20");
    }

    @Override
    int run(SparkSession spark) {
        notNegative("--ranks", ranks);
        notNegative("--max-minutes", maxMinutes);
        notNegative("--steps", (double) steps);
        notNegative("--batch", batch);
        var overrides = new TrainOrder.Overrides(maxMinutes, steps, batch, seed, syncBatchNorm);
        var order = new TrainOrder(data, output, ranks, resume, plan, ignore.value(), overrides);
        JsonNode result;
        try (var display = display("Training")) {
            result = new TrainJob(spark).run(order, showing(display, ""));
        }
        result.path("notes").forEach(note -> console().notes(List.of(note.asText())));
        result.path("problems").forEach(problem -> console().message("attunet: " + problem.asText()));
        console().result(() -> result, () -> text(result));
        return result.path("problems").isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static void notNegative(String option, double value) {
        if (!(value >= 0)) {
            throw new ConfigException(option, value, "a number, 0 or more");
        }
    }

    private static String text(JsonNode result) {
        return String.format(
                Locale.ROOT,
                "%d steps in %.1f minutes; best validation Dice %.4f at step %d%nmean Dice %.4f over cases that %s%n"
                        + "report: %s",
                result.path("steps").asLong(),
                result.path("minutes").asDouble(),
                result.path("validation_dice").asDouble(),
                result.path("best_step").asLong(),
                result.path("mean_dice").asDouble(),
                result.path("held_out").asBoolean()
                        ? "training never saw"
                        : "chose the weights, which flatters the figure",
                result.path("report").asText());
    }
}
