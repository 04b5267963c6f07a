package org.attunet.image;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import org.attunet.error.Interruption;

/**
 * Connected components of labels, connected through faces (4 neighbours in 2D, 6 in 3D) unless said otherwise. A union-find
 * forest needs one number per voxel and almost linear time. Not thread-safe.
 */
public final class Components {
    private final Grid grid;
    private final int[] root; // index of the component's first voxel, -1 outside

    private Components(Grid grid, int[] root) {
        this.grid = grid;
        this.root = root;
    }

    /**
     * Finds components.
     *
     * @param map the mask
     * @param wanted the label values that belong to the object
     * @return the components
     */
    public static Components of(LabelMap map, IntPredicate wanted) {
        return of(map, wanted, false);
    }

    /**
     * Finds the components of each label other than 0: neighbours of different labels are not connected.
     *
     * @param map the mask
     * @return the components
     */
    public static Components ofEachLabel(LabelMap map) {
        return of(map, label -> label != 0, true);
    }

    /**
     * Finds components that are connected through faces, edges and corners: 8 neighbours in 2D, 26 in 3D.
     *
     * @param map the mask
     * @param wanted the label values that belong to the object
     * @return the components
     */
    public static Components throughCorners(LabelMap map, IntPredicate wanted) {
        Components components = of(map, wanted, false);
        components.joinDiagonals();
        return components;
    }

    private void joinDiagonals() {
        for (int i = 0; i < root.length; i++) {
            Interruption.check(i);
            if (root[i] >= 0) {
                int x = i % grid.size(0);
                int y = i / grid.size(0) % grid.size(1);
                int z = i / grid.size(0) / grid.size(1);
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        joinAt(i, x + dx, y + dy, z - 1);
                        if (dy < 0) {
                            joinAt(i, x + dx, y + dy, z);
                        }
                    }
                }
            }
        }
        for (int i = 0; i < root.length; i++) {
            Interruption.check(i);
            root[i] = root[i] < 0 ? -1 : root[root[i]];
        }
    }

    private void joinAt(int voxel, int x, int y, int z) {
        if (x >= 0 && y >= 0 && z >= 0 && x < grid.size(0) && y < grid.size(1)) {
            join(root, x + grid.size(0) * (y + grid.size(1) * z), voxel);
        }
    }

    private static Components of(LabelMap map, IntPredicate wanted, boolean apart) {
        Grid grid = map.grid();
        short[] voxels = map.voxels();
        int[] parent = new int[map.voxels().length];
        int plane = grid.size(0) * grid.size(1);
        for (int i = 0; i < parent.length; i++) {
            Interruption.check(i);
            if (!wanted.test(map.label(i))) {
                parent[i] = -1;
                continue;
            }
            parent[i] = i;
            if (i % grid.size(0) > 0 && !(apart && voxels[i - 1] != voxels[i])) {
                join(parent, i - 1, i);
            }
            if (i % plane >= grid.size(0) && !(apart && voxels[i - grid.size(0)] != voxels[i])) {
                join(parent, i - grid.size(0), i);
            }
            if (i >= plane && !(apart && voxels[i - plane] != voxels[i])) {
                join(parent, i - plane, i);
            }
        }
        for (int i = 0; i < parent.length; i++) {
            Interruption.check(i);
            parent[i] = parent[i] < 0 ? -1 : parent[parent[i]]; // earlier voxels are resolved already
        }
        return new Components(grid, parent);
    }

    /**
     * Counts the components of each label, by its value. It needs two numbers per voxel of a slice and one per run of equal
     * labels in a row.
     *
     * @param map the mask
     * @return 65536 counts
     */
    public static int[] counts(LabelMap map) {
        int width = map.grid().size(0);
        int plane = width * map.grid().size(1);
        short[] voxels = map.voxels();
        int[] counts = new int[1 << 16];
        int[] runs = new int[plane];
        int[] parent = new int[1 << 10];
        int used = 0;
        for (int i = 0; i < voxels.length; i++) {
            short label = voxels[i];
            if (label == 0) {
                continue;
            }
            int x = i % width;
            int at = i % plane;
            boolean row = x > 0 && voxels[i - 1] == label;
            boolean above = at >= width && voxels[i - width] == label;
            boolean below = i >= plane && voxels[i - plane] == label;
            int slice = runs[at]; // of the slice before
            if (!row) {
                parent = used < parent.length ? parent : Arrays.copyOf(parent, 2 * used);
                parent[used] = used;
                counts[Short.toUnsignedInt(label)]++;
            }
            int run = row ? runs[at - 1] : used++;
            runs[at] = run;
            // Beside a joined pair of neighbours, the next pair belongs to the same runs.
            if (above && !(row && voxels[i - width - 1] == label) && unite(parent, runs[at - width], run)) {
                counts[Short.toUnsignedInt(label)]--;
            }
            if (below && !(row && voxels[i - plane - 1] == label) && unite(parent, slice, run)) {
                counts[Short.toUnsignedInt(label)]--;
            }
        }
        return counts;
    }

    /** Joins two trees; returns whether they were apart. */
    private static boolean unite(int[] parent, int one, int other) {
        int first = root(parent, one);
        int second = root(parent, other);
        parent[Math.max(first, second)] = Math.min(first, second);
        return first != second;
    }

    private static void join(int[] parent, int neighbour, int voxel) {
        if (parent[neighbour] >= 0) {
            unite(parent, neighbour, voxel);
        }
    }

    private static int root(int[] parent, int i) {
        int at = i;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    /**
     * {@return the component of a voxel, as the index of its first voxel; -1 outside}
     *
     * @param voxel the index of the voxel
     */
    public int at(int voxel) {
        return root[voxel];
    }

    /** {@return the component with the most voxels, the first in a tie; -1 if there is none} */
    public int largest() {
        int[] size = new int[root.length];
        int largest = -1;
        for (int i = 0; i < root.length; i++) {
            Interruption.check(i);
            if (root[i] >= 0) {
                size[root[i]]++;
            }
        }
        for (int i = 0; i < size.length; i++) {
            Interruption.check(i);
            largest = size[i] > (largest < 0 ? 0 : size[largest]) ? i : largest;
        }
        return largest;
    }

    /** {@return the longest side of each component's bounding box in mm, in the order of their first voxels} */
    public double[] lengths() {
        Map<Integer, int[]> boxes = new LinkedHashMap<>(); // lows, then highs
        for (int i = 0; i < root.length; i++) {
            if (root[i] >= 0) {
                int[] box = boxes.computeIfAbsent(root[i], first -> emptyBox());
                int rest = i;
                for (int axis = 0; axis < 3; axis++) {
                    int index = rest % grid.size(axis);
                    rest /= grid.size(axis);
                    box[axis] = Math.min(box[axis], index);
                    box[3 + axis] = Math.max(box[3 + axis], index + 1);
                }
            }
        }
        return boxes.values().stream().mapToDouble(this::longest).toArray();
    }

    private static int[] emptyBox() {
        int[] box = new int[6];
        Arrays.fill(box, 0, 3, Integer.MAX_VALUE);
        return box;
    }

    private double longest(int[] box) {
        double longest = 0;
        for (int axis = 0; axis < grid.dimension(); axis++) {
            longest = Math.max(longest, (box[3 + axis] - box[axis]) * grid.spacing(axis));
        }
        return longest;
    }
}
