package org.attunet.predict;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.VoxelLoop;
import org.attunet.preprocess.PlaneResampling;

/**
 * The mean of several models' predictions for each plane of an image, passed on when the last model has delivered the
 * plane. The running mean of equal votes is exactly their value; an unfinished plane is held once for all models.
 *
 * <p>Not thread-safe.
 */
final class PlaneMean {
    private final int members;
    private final PlaneResampling.Sink sink;
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    private record Waiting(float[][] mean, int votes) {}

    /** @param members the number of models */
    PlaneMean(int members, PlaneResampling.Sink sink) {
        this.members = members;
        this.sink = sink;
    }

    /**
     * Adds one model's plane.
     *
     * @param plane the plane's number
     * @param values one array for each channel; not kept
     */
    void add(int plane, float[][] values) {
        if (members == 1) {
            sink.accept(plane, values);
            return;
        }
        Waiting before = waiting.remove(plane);
        float[][] mean =
                before == null ? Arrays.stream(values).map(float[]::clone).toArray(float[][]::new) : before.mean;
        int votes = before == null ? 1 : before.votes + 1;
        if (votes > 1) {
            blend(mean, values, votes);
        }
        if (votes == members) {
            sink.accept(plane, mean);
        } else {
            waiting.put(plane, new Waiting(mean, votes));
        }
    }

    private static void blend(float[][] mean, float[][] values, int votes) {
        requireSame(mean.length, values.length);
        VoxelLoop.parallel(mean.length, mean[0].length, (from, to) -> {
            for (int c = from; c < to; c++) {
                float[] target = mean[c];
                float[] next = values[c];
                for (int i = 0; i < target.length; i++) {
                    target[i] += (next[i] - target[i]) / votes;
                }
            }
        });
    }

    /** Checks that no plane still waits for a model. */
    void requireComplete() {
        requireSame(0, waiting.size());
    }

    private static void requireSame(int expected, int found) {
        if (expected != found) {
            throw new AttunetException(
                    "models",
                    "their attention gates differ",
                    "models with the same gates",
                    "leave out the attention maps, or use models of one kind");
        }
    }
}
