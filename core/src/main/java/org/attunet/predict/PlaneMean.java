package org.attunet.predict;

import java.util.HashMap;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.preprocess.PlaneResampling;

/**
 * The mean of the planes that several models say about one image, handed on as soon as the last of them has come. The mean
 * is kept as a running mean, so that equal votes give exactly their value; planes that wait for other models are held once
 * for all of them.
 *
 * <p>Not thread-safe.
 */
final class PlaneMean {
    private final int members;
    private final PlaneResampling.Sink sink;
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    private record Waiting(float[][] mean, int votes) {}

    /** @param members the number of models whose votes make a plane complete */
    PlaneMean(int members, PlaneResampling.Sink sink) {
        this.members = members;
        this.sink = sink;
    }

    /**
     * Takes one model's plane.
     *
     * @param plane its number
     * @param values one array for each channel; not kept
     */
    void add(int plane, float[][] values) {
        if (members == 1) {
            sink.accept(plane, values);
            return;
        }
        Waiting before = waiting.remove(plane);
        float[][] mean;
        if (before == null) {
            mean = new float[values.length][];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = values[c].clone();
            }
        } else {
            mean = before.mean;
            blend(mean, values, before.votes + 1);
        }
        int votes = before == null ? 1 : before.votes + 1;
        if (votes == members) {
            sink.accept(plane, mean);
        } else {
            waiting.put(plane, new Waiting(mean, votes));
        }
    }

    private static void blend(float[][] mean, float[][] values, int votes) {
        requireSame(mean.length, values.length);
        for (int c = 0; c < mean.length; c++) {
            float[] target = mean[c];
            float[] next = values[c];
            for (int i = 0; i < target.length; i++) {
                target[i] += (next[i] - target[i]) / votes;
            }
        }
    }

    /** Refuses to end with planes that some models have not said anything about. */
    void requireComplete() {
        requireSame(0, waiting.size());
    }

    private static void requireSame(int expected, int found) {
        if (expected != found) {
            throw new AttunetException(
                    "models",
                    "their attention gates differ",
                    "models with the same gates",
                    "leave out the attention maps, or take models of one kind");
        }
    }
}
