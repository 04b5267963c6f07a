package org.attunet.objects;

import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * The maxima of a landscape that rise enough above it. A maximum's rise is its height above the highest saddle over which a
 * path leads to a higher one (its dynamics or persistence); the highest maximum of each connected part of the landscape
 * counts whatever it rises. Of equal maxima the first in the order of the voxels is the higher.
 *
 * <p>Voxels are taken from the highest down; each either is a maximum or joins what it touches, in a union-find forest
 * (M. Grimaud, "New measure of contrast: the dynamics", SPIE 1769, 1992; H. Edelsbrunner et al., "Topological Persistence and
 * Simplification", 2002). Almost linear time, 8 bytes per voxel. Neighbours share a face.
 */
final class Maxima {
    private static final int HEIGHTS = 1 << 16;

    private final Grid grid;
    private final short[] heights;
    private final Rise least;
    private final int[] parent; // voxel + 1 towards the highest maximum of its part; 0 before the voxel's turn
    private final int[] seeds;
    private int count;

    /** How much a maximum of some height must rise, 1 or more. */
    @FunctionalInterface
    interface Rise {
        double least(int height);
    }

    private Maxima(LabelMap heights, Rise least) {
        this.grid = heights.grid();
        this.heights = heights.voxels();
        this.least = least;
        parent = new int[this.heights.length];
        seeds = new int[parent.length];
    }

    /**
     * Finds the maxima that rise at least as much as they must.
     *
     * @param heights above 0, 0 outside
     * @return the numbers 1, 2, … at one voxel of each maximum, 0 elsewhere
     */
    static int[] of(LabelMap heights, Rise least) {
        var maxima = new Maxima(heights, least);
        for (int voxel : maxima.fromTheHighest()) {
            Interruption.check(voxel);
            maxima.join(voxel);
        }
        for (int i = 0; i < maxima.parent.length; i++) {
            if (maxima.parent[i] == i + 1) {
                maxima.seeds[i] = ++maxima.count;
            }
        }
        return maxima.seeds;
    }

    /** The voxels above 0 by height, the highest first, equal ones in their order. */
    private int[] fromTheHighest() {
        int[] begin = new int[HEIGHTS + 1]; // of each height, counted from the highest
        for (short height : heights) {
            begin[HEIGHTS - Short.toUnsignedInt(height)]++;
        }
        int inside = heights.length - begin[HEIGHTS];
        int sum = 0;
        for (int h = 0; h <= HEIGHTS; h++) {
            int voxels = begin[h];
            begin[h] = sum;
            sum += voxels;
        }
        int[] order = new int[inside];
        for (int i = 0; i < heights.length; i++) {
            if (heights[i] != 0) {
                order[begin[HEIGHTS - Short.toUnsignedInt(heights[i])]++] = i;
            }
        }
        return order;
    }

    private void join(int voxel) {
        int width = grid.size(0);
        int height = grid.size(1);
        int plane = width * height;
        int x = voxel % width;
        int y = voxel / width % height;
        parent[voxel] = voxel + 1;
        join(voxel, voxel >= plane, voxel - plane);
        join(voxel, y > 0, voxel - width);
        join(voxel, x > 0, voxel - 1);
        join(voxel, x < width - 1, voxel + 1);
        join(voxel, y < height - 1, voxel + width);
        join(voxel, voxel < parent.length - plane, voxel + plane);
    }

    private void join(int voxel, boolean exists, int neighbour) {
        if (!exists || parent[neighbour] == 0) {
            return;
        }
        int one = root(voxel);
        int other = root(neighbour);
        if (one == other) {
            return;
        }
        int higher = higher(one, other) ? one : other;
        int lower = higher == one ? other : one;
        int peak = Short.toUnsignedInt(heights[lower]);
        if (peak - Short.toUnsignedInt(heights[voxel]) >= least.least(peak)) {
            seeds[lower] = ++count;
        }
        parent[lower] = higher + 1;
    }

    private boolean higher(int one, int other) {
        int difference = Short.toUnsignedInt(heights[one]) - Short.toUnsignedInt(heights[other]);
        return difference > 0 || (difference == 0 && one < other);
    }

    private int root(int voxel) {
        int at = voxel;
        while (parent[at] != at + 1) {
            parent[at] = parent[parent[at] - 1];
            at = parent[at] - 1;
        }
        return at;
    }
}
