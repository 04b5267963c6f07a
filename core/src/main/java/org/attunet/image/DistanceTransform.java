package org.attunet.image;

import java.util.Arrays;

/**
 * The exact Euclidean distance transform with a spacing per axis, in linear time: of each voxel the squared distance to the
 * nearest voxel of another kind, between their centres. Beyond the image's edge there is nothing.
 *
 * <p>The squared distance separates by axis: along a row of n voxels D(p) = min over q of f(q) + (s (p - q))^2, where f is
 * the result of the previous axes. Of voxels of another kind only those next to the run of equal voxels around p count, where
 * f is 0. Within the run that minimum is the lower envelope of equal parabolas with vertices (q, f(q)). One sweep builds it,
 * pushing each parabola on a stack once and popping it at most once; a second sweep evaluates it. After P. Felzenszwalb and
 * D. Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8 (2012), with the spacing in the
 * parabolas and with runs, so that all objects of a label image are done at once.
 *
 * <p>Lines are shared between the processor's cores; the result doesn't depend on that. Needs 8 bytes per voxel besides the
 * kinds.
 */
public final class DistanceTransform {
    private final int[] kinds;
    private final int zero;
    private final double[] values;

    private DistanceTransform(int[] kinds, int zero) {
        this.kinds = kinds;
        this.zero = zero;
        values = new double[kinds.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = kinds[i] == zero ? 0 : Double.POSITIVE_INFINITY;
        }
    }

    /**
     * {@return the squared distance from each voxel to the nearest site; infinite if there are no sites}
     *
     * @param sites one value per voxel, x fastest
     * @param size three sizes, 1 for a missing axis
     * @param spacing the distance between neighbours along the three axes
     */
    public static double[] squared(boolean[] sites, int[] size, double[] spacing) {
        int[] kinds = new int[sites.length];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = sites[i] ? 1 : 0;
        }
        return squared(kinds, 1, size, spacing);
    }

    /**
     * {@return the squared distance from each voxel to the nearest voxel of another kind; infinite if there is none}
     *
     * @param kinds one value per voxel, x fastest
     * @param zero a kind whose voxels get 0, such as the background; none has it if all shall be measured
     * @param size three sizes, 1 for a missing axis
     * @param spacing the distance between neighbours along the three axes
     */
    public static double[] squared(int[] kinds, int zero, int[] size, double[] spacing) {
        var transform = new DistanceTransform(kinds, zero);
        int step = 1;
        for (int axis = 0; axis < 3; axis++) {
            transform.alongAxis(size[axis], step, spacing[axis]);
            step *= size[axis];
        }
        return transform.values;
    }

    private void alongAxis(int n, int step, double spacing) {
        if (n > 1) {
            VoxelLoop.parallel(values.length / n, n, (from, to) -> {
                var line = new Line(n, step, spacing);
                for (int i = from; i < to; i++) {
                    line.transform(i / step * step * n + i % step);
                }
            });
        }
    }

    /** One line of voxels at a time. */
    private final class Line {
        private final int n;
        private final int step;
        private final double spacing;
        private final double[] f;

        // The stack of the parabolas on the envelope: vertex, height, and the position from which each is the lowest.
        private final int[] vertex;
        private final double[] height;
        private final double[] start;

        Line(int n, int step, double spacing) {
            this.n = n;
            this.step = step;
            this.spacing = spacing;
            f = new double[n];
            vertex = new int[n];
            height = new double[n];
            start = new double[n];
        }

        void transform(int origin) {
            int begin = 0;
            while (begin < n) {
                int kind = kinds[origin + begin * step];
                int end = begin;
                while (end < n && kinds[origin + end * step] == kind) {
                    f[end] = values[origin + end * step];
                    end++;
                }
                if (kind != zero) {
                    run(begin, end);
                    for (int p = begin; p < end; p++) {
                        values[origin + p * step] = f[p];
                    }
                }
                begin = end;
            }
        }

        /** Voxels of one kind between two of other kinds or the line's ends. */
        private void run(int begin, int end) {
            int top = envelope(begin, end);
            if (top < 0) {
                Arrays.fill(f, begin, end, Double.POSITIVE_INFINITY);
            }
            int k = 0;
            for (int p = begin; p < end && top >= 0; p++) {
                while (k < top && start[k + 1] <= p) {
                    k++;
                }
                f[p] = square((p - vertex[k]) * spacing) + height[k];
            }
            for (int p = begin; p < end; p++) {
                int nearest = Math.min(begin > 0 ? p - begin + 1 : n, end < n ? end - p : n);
                if (nearest < n) {
                    f[p] = Math.min(f[p], square(nearest * spacing));
                }
            }
        }

        /** Builds the envelope of one run. Returns the index of the stack's top, -1 if the run has no finite value. */
        private int envelope(int begin, int end) {
            int top = -1;
            for (int q = begin; q < end; q++) {
                if (f[q] == Double.POSITIVE_INFINITY) {
                    continue;
                }
                double from = Double.NEGATIVE_INFINITY;
                while (top >= 0) {
                    int v = vertex[top];
                    // The intersection of the two parabolas, relative to the midpoint to keep precision far from 0.
                    from = 0.5 * (q + v) + (f[q] - height[top]) / (2 * spacing * spacing * (q - v));
                    if (from > start[top]) {
                        break;
                    }
                    top--;
                    from = Double.NEGATIVE_INFINITY;
                }
                top++;
                vertex[top] = q;
                height[top] = f[q];
                start[top] = from;
            }
            return top;
        }

        private static double square(double x) {
            return x * x;
        }
    }
}
