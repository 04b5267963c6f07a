package org.attunet.preprocess;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;

/**
 * {@link Resampling#linear(float[])} for maps that come plane by plane along the grid's last axis: slices of a volume, rows
 * of a picture. Each new plane lies between two neighbouring old ones, so no more than two are held. Every value is
 * computed by the same operations in the same order as for a whole map, and so is the same to the last bit: the passes
 * along the other axes stay within a plane and run before or after the last axis' pass, as they do there.
 *
 * <p>{@link Prepared#planeResampling} makes one. Not thread-safe.
 */
public final class PlaneResampling {
    private final Resampling resampling;
    private final int last;
    private final boolean between; // whether the last axis changes too
    private final Resampling.Taps taps;
    private final List<Integer> before = new ArrayList<>();
    private final List<Integer> after = new ArrayList<>();
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
         * @param channels its voxels, one array for each channel, to be read at once
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
        before.addAll(passes.subList(0, between ? own : passes.size()));
        after.addAll(between ? passes.subList(own + 1, passes.size()) : List.of());
        previous = new float[channels][];
        newest = new float[channels][];
    }

    /**
     * Takes the next old planes and hands on the new ones that they complete.
     *
     * @param count how many
     * @param channels one array for each channel, which begins with the planes' voxels; not kept
     */
    public void accept(int count, float[][] channels, Sink sink) {
        for (int p = 0; p < count; p++) {
            float[][] freed = previous;
            previous = newest;
            newest = freed;
            for (int c = 0; c < channels.length; c++) {
                newest[c] = within(copy(channels[c], p, newest[c]), before, List.of());
            }
            if (between) {
                interpolate(sink);
            } else {
                sink.accept(arrived, newest);
            }
            arrived++;
        }
    }

    private float[] copy(float[] map, int number, float[] room) {
        // A pass makes an array of its own, which may be longer or shorter than a plane and is not used again.
        float[] values = room != null && room.length == plane ? room : new float[plane];
        System.arraycopy(map, number * plane, values, 0, plane);
        return values;
    }

    private void interpolate(Sink sink) {
        for (; next < taps.high().length && taps.high()[next] <= arrived; next++) {
            double weight = taps.weight()[next];
            float[][] result = new float[newest.length][];
            for (int c = 0; c < result.length; c++) {
                float[] low = taps.low()[next] == arrived ? newest[c] : previous[c];
                float[] high = newest[c];
                float[] values = new float[low.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (low[i] + weight * ((double) high[i] - low[i]));
                }
                result[c] = within(values, after, before);
            }
            sink.accept(next, result);
        }
    }

    /** Passes along axes of a plane that has had some already. */
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
