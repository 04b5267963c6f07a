package org.attunet.benchmark;

import java.util.Arrays;
import org.attunet.error.ConfigException;
import org.attunet.predict.Engine;

/**
 * The seconds of repeated runs.
 *
 * @param seconds of each run, ascending
 * @param batch blocks computed by one run
 */
public record Latency(double[] seconds, int batch) {
    private static final int WARM_UP = 2;

    /** Sorts a copy. */
    public Latency {
        seconds = seconds.clone();
        Arrays.sort(seconds);
    }

    /** Times runs of any work after two that warm up; a run must end only when its result is complete. */
    public static Latency of(Runnable run, int runs, int batch) {
        if (runs < 1) {
            throw new ConfigException("runs", runs, "a number above 0");
        }
        double[] seconds = new double[runs];
        for (int k = -WARM_UP; k < runs; k++) {
            long start = System.nanoTime();
            run.run();
            if (k >= 0) {
                seconds[k] = (System.nanoTime() - start) / 1e9;
            }
        }
        return new Latency(seconds, batch);
    }

    /** Times an engine, Java array in to Java array out. */
    public static Latency of(Engine engine, float[] input, int batch, int[] size, int runs) {
        return of(() -> engine.run(input, batch, size, false), runs, batch);
    }

    /** The median in seconds. */
    public double median() {
        return percentile(50);
    }

    /** A percentile in seconds, interpolated between runs; 0 is the fastest run. */
    public double percentile(double percent) {
        double at = percent / 100 * (seconds.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, seconds.length - 1);
        return seconds[below] + (at - below) * (seconds[above] - seconds[below]);
    }

    /** Blocks per second at the median. */
    public double perSecond() {
        return batch / median();
    }
}
