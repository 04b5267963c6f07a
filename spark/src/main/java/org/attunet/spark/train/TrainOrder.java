package org.attunet.spark.train;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A training job.
 *
 * @param data the data set's folder or address
 * @param run the run's folder or address
 * @param ranks tasks that train together; 0 for as many as can run at once with two patches each
 * @param resume whether to continue a training in the run, with its own settings
 * @param plan a plan file; null to plan from the data
 * @param ignored the value of mask voxels without a judgement; {@link org.attunet.image.LabelMap#NONE} for the usual one
 * @param overrides settings in place of the plan's
 */
public record TrainOrder(
        String data,
        String run,
        int ranks,
        boolean resume,
        @Nullable Path plan,
        int ignored,
        Overrides overrides) {
    /**
     * Settings in place of the plan's.
     *
     * @param maxMinutes for training and validation; 0 keeps the plan's
     * @param steps 0 keeps the plan's
     * @param batch patches per step over all ranks; 0 keeps the plan's
     * @param seed determines split, initial weights and batches; null keeps the plan's
     * @param syncBatchNorm whether to compute statistics over all ranks' patches even if the plan doesn't
     */
    public record Overrides(
            double maxMinutes,
            long steps,
            int batch,
            @Nullable Long seed,
            boolean syncBatchNorm) {}
}
