package org.attunet.preprocess;

import java.util.List;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.VoxelLoop;

/**
 * {@link Resampling#linear(float[])} for maps that come plane by plane along the grid's last axis: slices of a volume, rows
 * of a picture. Holds at most two old planes, since each new plane lies between two neighbouring old ones. Results equal
 * those for a whole map bit for bit: the passes along the other axes stay within a plane and run in the same order, before
 * or after the pass along the last axis.
 *
 * <p>Created by {@link Prepared#planeResampling}. Not thread-safe.
 */
public final class PlaneResampling {
    private final Resampling resampling;
    private final int last;
    private final boolean between; // whether the last axis is interpolated
    private final Resampling.Taps taps;
    private final List<Integer> before;
    private final List<Integer> after;
    private final int plane; // voxels of an old plane
    private float[][] previous;
    private float[][] newest;
    private int arrived;
    private int next;

    /** Takes new planes in their order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * @param plane the new plane's number
         * @param channels its voxels, one array per channel; valid during the call only
         */
        void accept(int plane, float[][] channels);
    }

    PlaneResampling(Resampling resampling, int channels) {
        this.resampling = resampling;
        Grid from = resampling.from();
        last = from.dimension() - 1;
        plane = from.voxels() / from.size(last);
        taps = Resampling.Taps.of(from.size(last), resampling.to().size(last));
        List<Integer> passes = resampling.passes();
        int own = passes.indexOf(last);
        between = own >= 0;
        before = passes.subList(0, between ? own : passes.size());
        after = passes.subList(between ? own + 1 : passes.size(), passes.size());
        previous = new float[channels][];
        newest = new float[channels][];
    }

    /**
     * Takes the next old planes and passes on the new planes that they complete.
     *
     * @param count the number of planes
     * @param channels one array per channel, which begins with the planes' voxels; not kept
     * @param sink receives the planes
     */
    public void accept(int count, float[][] channels, Sink sink) {
        for (int p = 0; p < count; p++) {
            Interruption.check();
            float[][] freed = previous;
            previous = newest;
            newest = freed;
            int number = p;
            VoxelLoop.parallel(channels.length, plane, (from, to) -> {
                for (int c = from; c < to; c++) {
                    newest[c] = within(copy(channels[c], number, newest[c]), before, List.of());
                }
            });
            if (between) {
                interpolate(sink);
            } else {
                sink.accept(arrived, newest);
            }
            arrived++;
        }
    }

    private float[] copy(float[] map, int number, float[] room) {
        // A pass allocates its own array, which may be longer or shorter than a plane and can't be used again.
        float[] values = room != null && room.length == plane ? room : new float[plane];
        System.arraycopy(map, number * plane, values, 0, plane);
        return values;
    }

    private void interpolate(Sink sink) {
        for (; next < taps.high().length && taps.high()[next] <= arrived; next++) {
            double weight = taps.weight()[next];
            float[][] lower = taps.low()[next] == arrived ? newest : previous;
            float[][] result = new float[newest.length][];
            VoxelLoop.parallel(result.length, plane, (from, to) -> {
                for (int c = from; c < to; c++) {
                    result[c] = within(between(lower[c], newest[c], weight), after, before);
                }
            });
            sink.accept(next, result);
        }
    }

    private static float[] between(float[] low, float[] high, double weight) {
        float[] values = new float[low.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (low[i] + weight * ((double) high[i] - low[i]));
        }
        return values;
    }

    /** Interpolates a plane along some of its axes, after others. */
    private float[] within(float[] values, List<Integer> axes, List<Integer> done) {
        Grid from = resampling.from();
        Grid to = resampling.to();
        int[] size = {from.size(0), last == 2 ? from.size(1) : 1, 1};
        for (int axis : done) {
            size[axis] = to.size(axis);
        }
        float[] current = values;
        for (int axis : axes) {
            current = resampling.alongAxis(current, size, axis);
            size[axis] = to.size(axis);
        }
        return current;
    }
}
