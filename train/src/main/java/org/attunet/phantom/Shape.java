package org.attunet.phantom;

import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * A region of the slice as a depth field. Coordinates are millimetres from the middle of the slice, x to the right and
 * y downwards in the picture, which for a patient is left and posterior.
 */
interface Shape {
    /** Millimetres below the surface, positive inside and negative outside; exact at the surface, rough elsewhere. */
    double depth(double x, double y);

    /** A box that holds the shape. */
    Box bounds();

    /** What lies in this shape or the other. */
    default Shape or(Shape other) {
        return new Derived(bounds().or(other.bounds()), (x, y) -> Math.max(depth(x, y), other.depth(x, y)));
    }

    /** What lies in this shape and at least {@code margin} millimetres inside a frame. */
    default Shape within(Shape frame, double margin) {
        return new Derived(bounds().and(frame.bounds()), (x, y) -> {
            double depth = depth(x, y);
            return depth < -10 ? depth : Math.min(depth, frame.depth(x, y) - margin);
        });
    }

    /** What lies in this shape and at least {@code margin} millimetres outside a hole. */
    default Shape without(Shape hole, double margin) {
        Box reach = hole.bounds().grown(margin + 4);
        return new Derived(bounds(), (x, y) -> {
            double depth = depth(x, y);
            return depth < -10 || !reach.has(x, y) ? depth : Math.min(depth, -hole.depth(x, y) - margin);
        });
    }

    /** What lies at least {@code margin} millimetres below this shape's surface. */
    default Shape inset(double margin) {
        return new Derived(bounds(), (x, y) -> depth(x, y) - margin);
    }

    /** A shape computed from others. */
    record Derived(Box bounds, DoubleBinaryOperator field) implements Shape {
        @Override
        public double depth(double x, double y) {
            return field.applyAsDouble(x, y);
        }
    }

    /** A box around a shape, in millimetres. */
    record Box(double left, double top, double right, double bottom) {
        Box grown(double margin) {
            return new Box(left - margin, top - margin, right + margin, bottom + margin);
        }

        boolean has(double x, double y) {
            return x >= left && x <= right && y >= top && y <= bottom;
        }

        Box and(Box b) {
            return new Box(
                    Math.max(left, b.left), Math.max(top, b.top), Math.min(right, b.right), Math.min(bottom, b.bottom));
        }

        Box or(Box b) {
            return new Box(
                    Math.min(left, b.left), Math.min(top, b.top), Math.max(right, b.right), Math.max(bottom, b.bottom));
        }
    }

    /**
     * An ellipse whose radius is modulated by a short Fourier series of the angle: wave[0..1] are the cosine and sine
     * coefficients of 2 periods, wave[2..3] of 3, wave[4..5] of 4. The harmonics follow from the coordinates by the
     * addition theorems, so no trigonometric function, whose last bit may depend on the platform, is needed per point.
     */
    record Blob(double x, double y, double rx, double ry, double cos, double sin, double[] wave) implements Shape {
        static Blob of(double x, double y, double rx, double ry, double degrees, double... wave) {
            double angle = StrictMath.toRadians(degrees);
            double[] six = java.util.Arrays.copyOf(wave, 6);
            return new Blob(x, y, rx, ry, StrictMath.cos(angle), StrictMath.sin(angle), six);
        }

        @Override
        public double depth(double px, double py) {
            double dx = px - x;
            double dy = py - y;
            double u = (cos * dx + sin * dy) / rx;
            double v = (cos * dy - sin * dx) / ry;
            double rho = Math.sqrt(u * u + v * v);
            if (rho < 1e-6) {
                return Math.min(rx, ry);
            }
            double c = u / rho;
            double s = v / rho;
            double c2 = c * c - s * s;
            double s2 = 2 * c * s;
            double c3 = c2 * c - s2 * s;
            double s3 = s2 * c + c2 * s;
            double c4 = c2 * c2 - s2 * s2;
            double s4 = 2 * s2 * c2;
            double radius = 1 + wave[0] * c2 + wave[1] * s2 + wave[2] * c3 + wave[3] * s3 + wave[4] * c4 + wave[5] * s4;
            return Math.sqrt(dx * dx + dy * dy) * (radius / rho - 1);
        }

        @Override
        public Box bounds() {
            double most = 1;
            for (double w : wave) {
                most += Math.abs(w);
            }
            double r = Math.max(rx, ry) * most;
            return new Box(x - r, y - r, x + r, y + r);
        }
    }

    /** A disc of a {@link Tube}, or a control point of a {@link Curve}. */
    record Disc(double x, double y, double radius) {}

    /** A union of discs, usually along a curve. */
    record Tube(List<Disc> discs) implements Shape {
        @Override
        public double depth(double x, double y) {
            double deepest = -1e9;
            for (Disc disc : discs) {
                double dx = x - disc.x;
                double dy = y - disc.y;
                double r = disc.radius;
                // r - distance at the surface, without a root
                deepest = Math.max(deepest, (r * r - dx * dx - dy * dy) / (2 * r));
            }
            return deepest;
        }

        @Override
        public Box bounds() {
            return discs.stream()
                    .map(d -> new Box(d.x, d.y, d.x, d.y).grown(d.radius))
                    .reduce(Box::or)
                    .orElseThrow();
        }

        /** The same discs with each radius multiplied. */
        Tube thicker(double factor) {
            return new Tube(discs.stream()
                    .map(d -> new Disc(d.x, d.y, d.radius * factor))
                    .toList());
        }
    }
}
