package org.attunet.phantom;

/** A smooth path through control points (Catmull-Rom) with a radius at each: what tube-shaped organs follow. */
final class Curve {
    private final double[][] points; // (x, y, radius)

    /** @param points three numbers each: x, y and radius in millimetres; two points or more */
    Curve(double[]... points) {
        this.points = points;
    }

    /** x, y and radius at a position along the path, 0 to 1. */
    double[] at(double position) {
        double t = position * (points.length - 1);
        int k = Math.min(points.length - 2, Math.max(0, (int) t));
        double f = t - k;
        double[] p0 = points[Math.max(0, k - 1)];
        double[] p1 = points[k];
        double[] p2 = points[k + 1];
        double[] p3 = points[Math.min(points.length - 1, k + 2)];
        double[] out = new double[3];
        for (int i = 0; i < 3; i++) {
            double a = 2 * p1[i];
            double b = p2[i] - p0[i];
            double c = 2 * p0[i] - 5 * p1[i] + 4 * p2[i] - p3[i];
            double d = 3 * (p1[i] - p2[i]) + p3[i] - p0[i];
            out[i] = 0.5 * (a + f * (b + f * (c + f * d)));
        }
        out[2] = Math.max(1, out[2]);
        return out;
    }

    /** The unit normal at a position along the path, 0 to 1; it points to the left of the direction of travel. */
    double[] normal(double position) {
        double[] before = at(Math.max(0, position - 0.01));
        double[] after = at(Math.min(1, position + 0.01));
        double dx = after[0] - before[0];
        double dy = after[1] - before[1];
        double length = Math.max(1e-9, Math.sqrt(dx * dx + dy * dy));
        return new double[] {-dy / length, dx / length};
    }

    /** Discs along the path, close enough to make a smooth tube. */
    Shape.Discs tube(int count) {
        double[] xs = new double[count];
        double[] ys = new double[count];
        double[] radii = new double[count];
        for (int i = 0; i < count; i++) {
            double[] p = at(i / (count - 1.0));
            xs[i] = p[0];
            ys[i] = p[1];
            radii[i] = p[2];
        }
        return new Shape.Discs(xs, ys, radii);
    }
}
