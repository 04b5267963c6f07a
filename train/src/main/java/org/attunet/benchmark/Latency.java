package org.attunet.benchmark;

import java.util.Arrays;
import org.attunet.error.ConfigException;
import org.attunet.predict.Engine;

/**
 * How long an engine takes for one block, Java array in to Java array out.
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

    /** Times runs of any work, after two that warm up; each run ends when its result is there. */
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

    /** Times an engine. */
    public static Latency of(Engine engine, float[] input, int batch, int[] size, int runs) {
        return of(() -> engine.run(input, batch, size, false), runs, batch);
    }

    /** A copy of the sorted seconds. */
    @Override
    public double[] seconds() {
        return seconds.clone();
    }

    /** The median in seconds. */
    public double median() {
        return percentile(50);
    }

    /** The seconds that so many percent of the runs stayed within, interpolated between runs. */
    public double percentile(double percent) {
        double at = percent / 100 * (seconds.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, seconds.length - 1);
        return seconds[below] + (at - below) * (seconds[above] - seconds[below]);
    }

    /** Blocks in a second, by the median. */
    public double perSecond() {
        return batch / median();
    }
}
