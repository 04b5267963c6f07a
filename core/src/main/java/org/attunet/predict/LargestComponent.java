package org.attunet.predict;

import java.util.function.IntPredicate;
import org.attunet.bundle.KeepLargest;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * The largest connected component of labels: voxels are connected through faces (4 neighbours in 2D, 6 in 3D), the size
 * is the number of voxels, and of equal ones the first in the order of the voxels stays. Networks that look at patches
 * find lookalikes far from an organ of which there is one.
 */
public final class LargestComponent {
    private LargestComponent() {}

    /** A copy with the smaller components removed; the map itself where nothing is to be. */
    public static LabelMap keep(LabelMap map, KeepLargest what) {
        if (what.none()) {
            return map;
        }
        short[] voxels = map.voxels().clone();
        if (what.union()) {
            keep(map.grid(), voxels, value -> value != 0);
        }
        for (int label : what.labels()) {
            keep(map.grid(), voxels, value -> value == label);
        }
        return new LabelMap(map.grid(), voxels);
    }

    /**
     * Joins neighbours in a forest of sets: memory is one number a voxel, time all but linear.
     *
     * @param wanted which label values make up the object
     */
    private static void keep(Grid grid, short[] voxels, IntPredicate wanted) {
        int[] parent = new int[voxels.length];
        int plane = grid.size(0) * grid.size(1);
        for (int i = 0; i < voxels.length; i++) {
            if (!wanted.test(Short.toUnsignedInt(voxels[i]))) {
                parent[i] = -1;
                continue;
            }
            parent[i] = i;
            if (i % grid.size(0) > 0 && parent[i - 1] >= 0) {
                join(parent, i - 1, i);
            }
            if (i % plane >= grid.size(0) && parent[i - grid.size(0)] >= 0) {
                join(parent, i - grid.size(0), i);
            }
            if (i >= plane && parent[i - plane] >= 0) {
                join(parent, i - plane, i);
            }
        }
        int largest = largest(parent);
        for (int i = 0; i < voxels.length; i++) {
            if (parent[i] >= 0 && root(parent, i) != largest) {
                voxels[i] = 0;
            }
        }
    }

    private static int largest(int[] parent) {
        int[] size = new int[parent.length];
        int largest = -1;
        for (int i = 0; i < parent.length; i++) {
            if (parent[i] >= 0) {
                size[root(parent, i)]++;
            }
        }
        // Roots are their components' first voxels, so the first of equals wins.
        for (int i = 0; i < parent.length; i++) {
            largest = size[i] > (largest < 0 ? 0 : size[largest]) ? i : largest;
        }
        return largest;
    }

    private static int root(int[] parent, int i) {
        int at = i;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    private static void join(int[] parent, int a, int b) {
        int first = root(parent, a);
        int second = root(parent, b);
        parent[Math.max(first, second)] = Math.min(first, second);
    }
}
