package org.attunet.image;

import java.util.stream.IntStream;
import org.attunet.error.Interruption;

/** Loops over voxels, shared between the processor's cores, that end when the thread that began them is interrupted. */
public final class VoxelLoop {
    private static final int GRAIN = 1 << 15;

    private VoxelLoop() {}

    /** The work on the voxels {@code from} to {@code to - 1}. */
    @FunctionalInterface
    public interface Part {
        /**
         * Does the work.
         *
         * @param from the first voxel
         * @param to the voxel after the last one
         */
        void run(int from, int to);
    }

    /**
     * Does work that treats each voxel independently of the others.
     *
     * @param count the number of voxels
     * @param work called for ranges that part 0 to {@code count - 1}, by several threads at once
     * @throws java.util.concurrent.CancellationException if the calling thread is interrupted, which stays so
     */
    public static void parallel(int count, Part work) {
        parallel(count, 1, work);
    }

    /**
     * The same for rows, planes or other items of several values each.
     *
     * @param count the number of items
     * @param values the values of one item, which decide how many are treated at a time
     * @param work called for ranges of items
     */
    public static void parallel(int count, int values, Part work) {
        Interruption.check();
        int items = Math.max(1, GRAIN / Math.max(1, values));
        int parts = (int) (((long) count + items - 1) / items);
        if (parts <= 1) {
            work.run(0, count);
            return;
        }
        Thread caller = Thread.currentThread();
        IntStream.range(0, parts).parallel().forEach(part -> {
            if (!caller.isInterrupted()) {
                int from = part * items;
                work.run(from, (int) Math.min(count, (long) from + items));
            }
        });
        Interruption.check();
    }
}
