package org.attunet.phantom;

import java.util.List;

/**
 * A region of the slice, told by how deep below its surface a point lies. Coordinates are millimetres from the middle
 * of the slice, x to the right and y downwards in the picture, which for a patient is left and posterior.
 */
sealed interface Shape {
    /** Millimetres below the surface, positive inside and negative outside; exact at the surface, rough elsewhere. */
    double depth(double x, double y);

    /** A box that holds the shape. */
    Box bounds();

    /** A box around a shape, in millimetres. */
    record Box(double left, double top, double right, double bottom) {
        Box grown(double margin) {
            return new Box(left - margin, top - margin, right + margin, bottom + margin);
        }

        boolean has(double x, double y) {
            return x >= left && x <= right && y >= top && y <= bottom;
        }

        Box and(Box other) {
            return new Box(
                    Math.max(left, other.left),
                    Math.max(top, other.top),
                    Math.min(right, other.right),
                    Math.min(bottom, other.bottom));
        }

        Box or(Box other) {
            return new Box(
                    Math.min(left, other.left),
                    Math.min(top, other.top),
                    Math.max(right, other.right),
                    Math.max(bottom, other.bottom));
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
            double[] six = new double[6];
            System.arraycopy(wave, 0, six, 0, wave.length);
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

    /** A union of discs, usually along a curve: (x, y, radius) each. */
    record Discs(double[] xs, double[] ys, double[] radii) implements Shape {
        @Override
        public double depth(double px, double py) {
            double deepest = -1e9;
            for (int i = 0; i < xs.length; i++) {
                double dx = px - xs[i];
                double dy = py - ys[i];
                double r = radii[i];
                double depth = (r * r - dx * dx - dy * dy) / (2 * r); // r - distance at the surface, without a root
                deepest = Math.max(deepest, depth);
            }
            return deepest;
        }

        @Override
        public Box bounds() {
            Box box = new Box(1e9, 1e9, -1e9, -1e9);
            for (int i = 0; i < xs.length; i++) {
                double r = radii[i];
                box = box.or(new Box(xs[i] - r, ys[i] - r, xs[i] + r, ys[i] + r));
            }
            return box;
        }

        /** The same curve with each radius multiplied. */
        Discs thicker(double factor) {
            double[] scaled = new double[radii.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = radii[i] * factor;
            }
            return new Discs(xs, ys, scaled);
        }
    }

    /** What lies in any of the shapes. */
    record Union(List<Shape> parts) implements Shape {
        @Override
        public double depth(double px, double py) {
            double deepest = -1e9;
            for (Shape part : parts) {
                deepest = Math.max(deepest, part.depth(px, py));
            }
            return deepest;
        }

        @Override
        public Box bounds() {
            return parts.stream().map(Shape::bounds).reduce(Box::or).orElseThrow();
        }
    }

    /** What lies in a shape and at least {@code margin} millimetres inside another. */
    record Within(Shape shape, Shape frame, double margin) implements Shape {
        @Override
        public double depth(double px, double py) {
            double depth = shape.depth(px, py);
            return depth < -10 ? depth : Math.min(depth, frame.depth(px, py) - margin);
        }

        @Override
        public Box bounds() {
            return shape.bounds().and(frame.bounds());
        }
    }

    /** What lies at least {@code margin} millimetres below another shape's surface. */
    record Inset(Shape shape, double margin) implements Shape {
        @Override
        public double depth(double px, double py) {
            return shape.depth(px, py) - margin;
        }

        @Override
        public Box bounds() {
            return shape.bounds();
        }
    }

    /** What lies in a shape and at least {@code margin} millimetres outside another. */
    record Without(Shape shape, Shape hole, double margin, Box reach) implements Shape {
        Without(Shape shape, Shape hole, double margin) {
            this(shape, hole, margin, hole.bounds().grown(margin + 4));
        }

        @Override
        public double depth(double px, double py) {
            double depth = shape.depth(px, py);
            return depth < -10 || !reach.has(px, py) ? depth : Math.min(depth, -hole.depth(px, py) - margin);
        }

        @Override
        public Box bounds() {
            return shape.bounds();
        }
    }
}
