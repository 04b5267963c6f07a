package org.attunet.phantom;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.phantom.Shape.Disc;

/**
 * A smooth path (Catmull-Rom) with a radius at each point: what tube-shaped organs follow.
 *
 * @param points two control points or more
 */
record Curve(List<Disc> points) {
    /** A curve by control points {x, y, radius} in millimetres, relative to an origin. */
    static Curve of(double x, double y, double[]... points) {
        return new Curve(
                Stream.of(points).map(p -> new Disc(x + p[0], y + p[1], p[2])).toList());
    }

    /** The point at a position along the path, 0 to 1. */
    Disc at(double position) {
        int last = points.size() - 1;
        double t = position * last;
        int k = Math.min(last - 1, Math.max(0, (int) t));
        double f = t - k;
        Disc p0 = points.get(Math.max(0, k - 1));
        Disc p1 = points.get(k);
        Disc p2 = points.get(k + 1);
        Disc p3 = points.get(Math.min(last, k + 2));
        return new Disc(
                spline(f, p0.x(), p1.x(), p2.x(), p3.x()),
                spline(f, p0.y(), p1.y(), p2.y(), p3.y()),
                Math.max(1, spline(f, p0.radius(), p1.radius(), p2.radius(), p3.radius())));
    }

    private static double spline(double f, double p0, double p1, double p2, double p3) {
        double c = 2 * p0 - 5 * p1 + 4 * p2 - p3;
        double d = 3 * (p1 - p2) + p3 - p0;
        return 0.5 * (2 * p1 + f * (p2 - p0 + f * (c + f * d)));
    }

    /**
     * A disc beside the path, to the left of the direction of travel.
     *
     * @param position along the path, 0 to 1
     * @param offset millimetres from the path, negative to its right
     */
    Disc beside(double position, double offset, double radius) {
        Disc before = at(Math.max(0, position - 0.01));
        Disc after = at(Math.min(1, position + 0.01));
        double dx = after.x() - before.x();
        double dy = after.y() - before.y();
        double length = Math.max(1e-9, Math.sqrt(dx * dx + dy * dy));
        Disc p = at(position);
        return new Disc(p.x() + -dy / length * offset, p.y() + dx / length * offset, radius);
    }

    /** Discs along the path; {@code count} must be high enough to make a smooth tube. */
    Shape.Tube tube(int count) {
        return new Shape.Tube(
                IntStream.range(0, count).mapToObj(i -> at(i / (count - 1.0))).toList());
    }
}
