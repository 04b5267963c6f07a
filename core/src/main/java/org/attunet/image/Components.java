package org.attunet.image;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The connected components of labels: voxels are connected through faces, 4 neighbours in 2D, 6 in 3D. Neighbours are
 * joined in a forest of sets, so that memory is one number a voxel and time all but linear. Not for several threads.
 */
public final class Components {
    private final Grid grid;
    private final int[] root; // each component's first voxel in the order of the voxels, -1 outside

    private Components(Grid grid, int[] root) {
        this.grid = grid;
        this.root = root;
    }

    /**
     * Finds components.
     *
     * @param wanted which label values make up the object
     */
    public static Components of(LabelMap map, IntPredicate wanted) {
        Grid grid = map.grid();
        short[] voxels = map.voxels();
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
        for (int i = 0; i < parent.length; i++) {
            parent[i] = parent[i] < 0 ? -1 : parent[parent[i]]; // what lies before is resolved already
        }
        return new Components(grid, parent);
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

    /** The component of a voxel, by the index of its first voxel; -1 outside. */
    public int at(int voxel) {
        return root[voxel];
    }

    /** The component of the most voxels, the first of equal ones; -1 where there is none. */
    public int largest() {
        int[] size = new int[root.length];
        int largest = -1;
        for (int component : root) {
            if (component >= 0) {
                size[component]++;
            }
        }
        for (int i = 0; i < size.length; i++) {
            largest = size[i] > (largest < 0 ? 0 : size[largest]) ? i : largest;
        }
        return largest;
    }

    /** For each component the longest side of its bounding box in mm; in the order of their first voxels. */
    public double[] lengths() {
        Map<Integer, int[]> boxes = new LinkedHashMap<>(); // low and high for each axis
        int dimension = grid.dimension();
        for (int i = 0; i < root.length; i++) {
            if (root[i] >= 0) {
                int[] box = boxes.computeIfAbsent(root[i], first -> emptyBox(dimension));
                int rest = i;
                for (int axis = 0; axis < dimension; axis++) {
                    int place = rest % grid.size(axis);
                    rest /= grid.size(axis);
                    box[2 * axis] = Math.min(box[2 * axis], place);
                    box[2 * axis + 1] = Math.max(box[2 * axis + 1], place + 1);
                }
            }
        }
        return boxes.values().stream().mapToDouble(this::longest).toArray();
    }

    private static int[] emptyBox(int dimension) {
        int[] box = new int[2 * dimension];
        for (int axis = 0; axis < dimension; axis++) {
            box[2 * axis] = Integer.MAX_VALUE;
        }
        return box;
    }

    private double longest(int[] box) {
        double longest = 0;
        for (int axis = 0; axis < grid.dimension(); axis++) {
            longest = Math.max(longest, (box[2 * axis + 1] - box[2 * axis]) * grid.spacing(axis));
        }
        return longest;
    }
}
