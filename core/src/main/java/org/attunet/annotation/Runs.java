package org.attunet.annotation;

import java.util.Arrays;

/** Voxels as runs of neighbouring indices in the grid's order. */
final class Runs implements Shape {
    private int[] ends = new int[16]; // from, to, from, to, …
    private int length;

    /** The voxels that aren't 0. */
    static Runs of(int[] mask) {
        Runs runs = new Runs();
        for (int i = 0; i < mask.length; i++) {
            if (mask[i] != 0) {
                int from = i;
                while (i < mask.length && mask[i] != 0) {
                    i++;
                }
                runs.add(from, i);
            }
        }
        return runs;
    }

    /** Adds the voxels {@code from} to {@code to - 1}. */
    void add(int from, int to) {
        ends = length < ends.length ? ends : Arrays.copyOf(ends, 2 * length);
        ends[length++] = from;
        ends[length++] = to;
    }

    @Override
    public void draw(Sink sink) {
        for (int i = 0; i < length; i += 2) {
            sink.run(ends[i], ends[i + 1]);
        }
    }
}
