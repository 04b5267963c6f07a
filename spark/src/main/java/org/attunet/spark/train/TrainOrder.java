package org.attunet.spark.train;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a training job is asked for.
 *
 * @param data the data set's folder or address
 * @param run the run's folder or address
 * @param ranks tasks that train together; 0 for as many as can run at once, with two patches each
 * @param resume whether a training in the run goes on, with its own settings
 * @param plan a plan's file; null to have one made from the data
 * @param maxMinutes of training and validation; 0 for the plan's
 * @param steps 0 for the plan's
 * @param batch patches in a step over all ranks; 0 for the plan's
 * @param seed fixes split, first weights and batches; null for the plan's
 * @param syncBatchNorm whether statistics are taken over all ranks' patches, even where the plan doesn't
 */
public record TrainOrder(
        String data,
        String run,
        int ranks,
        boolean resume,
        @Nullable Path plan,
        double maxMinutes,
        long steps,
        int batch,
        @Nullable Long seed,
        boolean syncBatchNorm) {}
