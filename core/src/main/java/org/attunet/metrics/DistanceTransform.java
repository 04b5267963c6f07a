package org.attunet.metrics;

/**
 * The exact Euclidean distance transform with a spacing per axis, in linear time.
 *
 * <p>The squared distance to the nearest site separates by axis: along a row of n voxels D(p) = min over q of f(q) + (s (p
 * - q))^2, where f is the result of the previous axes. That minimum is the lower envelope of n equal parabolas with
 * vertices (q, f(q)). One sweep builds it, pushing each parabola on a stack once and popping it at most once; a second
 * sweep evaluates it. On the first axis f is 0 or infinity, and two sweeps that count steps suffice. After P. Felzenszwalb
 * and D. Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8 (2012), with the spacing in the
 * parabolas.
 */
final class DistanceTransform {
    private final int[] size;
    private final double[] spacing;
    private final double[] values;

    // The stack of the parabolas on the envelope: vertex, and the position from which each is the lowest.
    private final int[] vertex;
    private final double[] height;
    private final double[] start;

    private DistanceTransform(int[] size, double[] spacing) {
        this.size = size;
        this.spacing = spacing;
        this.values = new double[size[0] * size[1] * size[2]];
        int longest = Math.max(size[1], size[2]);
        vertex = new int[longest];
        start = new double[longest];
        height = new double[longest];
    }

    /**
     * The squared distance from each voxel to the nearest site; infinite if there are no sites.
     *
     * @param sites one value per voxel, x fastest
     * @param size three sizes, 1 for a missing axis
     * @param spacing the distance between neighbours along the three axes
     */
    static double[] squared(boolean[] sites, int[] size, double[] spacing) {
        var transform = new DistanceTransform(size, spacing);
        transform.firstAxis(sites);
        int plane = size[0] * size[1];
        if (size[1] > 1) {
            for (int z = 0; z < size[2]; z++) {
                for (int x = 0; x < size[0]; x++) {
                    transform.line(z * plane + x, size[0], size[1], spacing[1]);
                }
            }
        }
        if (size[2] > 1) {
            for (int i = 0; i < plane; i++) {
                transform.line(i, plane, size[2], spacing[2]);
            }
        }
        return transform.values;
    }

    private void firstAxis(boolean[] sites) {
        int n = size[0];
        for (int row = 0; row < values.length; row += n) {
            int last = -1;
            for (int x = 0; x < n; x++) {
                last = sites[row + x] ? x : last;
                values[row + x] = last < 0 ? Double.POSITIVE_INFINITY : square((x - last) * spacing[0]);
            }
            int next = -1;
            for (int x = n - 1; x >= 0; x--) {
                next = sites[row + x] ? x : next;
                if (next >= 0) {
                    values[row + x] = Math.min(values[row + x], square((next - x) * spacing[0]));
                }
            }
        }
    }

    private void line(int origin, int step, int n, double s) {
        int top = envelope(origin, step, n, s);
        if (top < 0) {
            return;
        }
        int k = 0;
        for (int p = 0; p < n; p++) {
            while (k < top && start[k + 1] <= p) {
                k++;
            }
            values[origin + p * step] = square((p - vertex[k]) * s) + height[k];
        }
    }

    /** Builds the envelope of one line. Returns the index of the stack's top, -1 if the line has no finite value. */
    private int envelope(int origin, int step, int n, double s) {
        int top = -1;
        for (int q = 0; q < n; q++) {
            double f = values[origin + q * step];
            if (f == Double.POSITIVE_INFINITY) {
                continue;
            }
            double from = Double.NEGATIVE_INFINITY;
            while (top >= 0) {
                int v = vertex[top];
                // The intersection of the two parabolas, relative to the midpoint to keep precision far from 0.
                from = 0.5 * (q + v) + (f - height[top]) / (2 * s * s * (q - v));
                if (from > start[top]) {
                    break;
                }
                top--;
                from = Double.NEGATIVE_INFINITY;
            }
            top++;
            vertex[top] = q;
            height[top] = f;
            start[top] = from;
        }
        return top;
    }

    private static double square(double x) {
        return x * x;
    }
}
