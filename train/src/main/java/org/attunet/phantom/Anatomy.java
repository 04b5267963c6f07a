package org.attunet.phantom;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The shapes of one patient's organs in a slice at the height of the pancreas, in millimetres from the middle of the
 * slice; x grows to the patient's left, y to the back. The base positions are those of an average adult; every patient
 * moves, turns and deforms them.
 */
record Anatomy(
        Shape.Blob body,
        double fat,
        double wall,
        double spineX,
        double spineY,
        Shape cavity,
        Shape liver,
        Shape.Blob gallbladder,
        boolean hasGallbladder,
        Shape.Blob leftKidney,
        Shape.Blob rightKidney,
        Shape spleen,
        Shape.Blob stomach,
        Shape.Blob aorta,
        Shape.Blob cava,
        Shape.Blob mesentericVein,
        Shape.Blob mesentericArtery,
        Shape.Discs splenicVein,
        Shape.Discs duodenum,
        Shape.Discs pancreas,
        List<Shape.Discs> loops) {

    /** Another patient with each call. */
    static Anatomy random(Random random) {
        return new Draw(random).anatomy();
    }

    /** The draws of one patient, in a fixed order. */
    private static final class Draw {
        private static final double SLICE = AbdomenPhantom.FIELD * AbdomenPhantom.FIELD;

        private final Random random;
        private final double halfWidth;
        private final double halfHeight;
        private final double scaleX;
        private final double scaleY;
        private final double scale;

        Draw(Random random) {
            this.random = random;
            halfWidth = between(138, 164);
            halfHeight = halfWidth * between(0.68, 0.78);
            scaleX = halfWidth / 150;
            scaleY = halfHeight / 108;
            scale = Math.sqrt(scaleX * scaleY);
        }

        Anatomy anatomy() {
            Shape.Blob body = Shape.Blob.of(
                    normal(0, 4),
                    normal(0, 4),
                    halfWidth,
                    halfHeight,
                    normal(0, 2),
                    normal(0, 0.01),
                    normal(0, 0.01),
                    0,
                    normal(-0.015, 0.01),
                    between(-0.045, -0.02),
                    normal(0, 0.008));
            double fat = between(9, 22);
            double wall = between(6, 9);
            Shape cavity = new Shape.Inset(body, fat + wall);
            double spineX = body.x() + normal(0, 2);
            double spineY = body.y() + 38 * scaleY + normal(0, 2);
            Shape.Blob right = kidney(body.x() - 62 * scaleX, spineY + normal(4, 5), 20);
            Shape.Blob left = kidney(body.x() + 62 * scaleX, spineY + normal(-2, 5), -20);
            Shape.Blob spleenBlob = blob(body, 104, 18, 7, 25, 40, 15, 0.05);
            Shape.Blob stomach = blob(body, 44, -46, 7, 42, 23, 14, 0.06);
            Shape spleen = new Shape.Within(new Shape.Without(spleenBlob, stomach, 2), cavity, 2);
            Shape.Blob aorta = blob(body, 6, 13, 1.5, 9.5, 9.5, 0, 0.01);
            Shape.Blob cava = blob(body, -21, 15, 2.5, 12, 8, 10, 0.03);
            Curve axis = pancreasAxis(body);
            Shape.Discs pancreas = pancreas(axis);
            double[] neck = axis.at(0.33);
            double[] down = axis.normal(0.33);
            Shape.Blob vein =
                    Shape.Blob.of(neck[0] + down[0] * (neck[2] + 5), neck[1] + down[1] * (neck[2] + 5), 5.5, 5, 0);
            Shape.Blob artery = Shape.Blob.of(vein.x() + 11 + normal(0, 1), vein.y() + normal(1, 1), 3.4, 3.4, 0);
            Shape.Discs splenic = splenicVein(axis, vein);
            Shape.Discs duodenum = duodenum(axis);
            Shape liver = liver(body, cavity, new Shape.Union(List.of(pancreas, duodenum)));
            Shape.Blob gallbladder = blob(body, -52, -32, 5, 11, 15, 40, 0.03);
            List<Shape> taken = new ArrayList<>(List.of(
                    liver,
                    right,
                    left,
                    spleen,
                    stomach,
                    aorta,
                    cava,
                    pancreas,
                    duodenum,
                    vein,
                    artery,
                    Shape.Blob.of(spineX, spineY + 8, 30, 26, 0)));
            return new Anatomy(
                    body,
                    fat,
                    wall,
                    spineX,
                    spineY,
                    cavity,
                    liver,
                    gallbladder,
                    random.nextInt(3) > 0,
                    left,
                    right,
                    spleen,
                    stomach,
                    aorta,
                    cava,
                    vein,
                    artery,
                    splenic,
                    duodenum,
                    pancreas,
                    loops(body, cavity, taken));
        }

        private Shape liver(Shape.Blob body, Shape cavity, Shape neighbours) {
            Shape right = blob(body, -88, -8, 6, 52, 60, 8, 0.05);
            Shape left = blob(body, -30, -54, 9, 46, 19, 14, 0.06);
            Shape whole = new Shape.Within(new Shape.Union(List.of(right, left)), cavity, 1.5);
            return new Shape.Without(whole, neighbours, between(0.5, 2.5));
        }

        private Shape.Blob kidney(double x, double y, double degrees) {
            return Shape.Blob.of(
                    x + normal(0, 4),
                    y,
                    23 * scale * between(0.9, 1.12),
                    28 * scale * between(0.9, 1.12),
                    degrees + normal(0, 8),
                    normal(0, 0.02),
                    normal(0, 0.02),
                    normal(0, 0.02),
                    normal(0, 0.02));
        }

        /** A blob near a base position: the place varies by {@code shift} mm, the size by an eighth. */
        private Shape.Blob blob(
                Shape.Blob body, double x, double y, double shift, double rx, double ry, double turn, double wave) {
            double size = scale * Math.max(0.8, Math.min(1.22, normal(1, 0.09)));
            return Shape.Blob.of(
                    body.x() + x * scaleX + normal(0, shift),
                    body.y() + y * scaleY + normal(0, shift),
                    rx * size * between(0.94, 1.06),
                    ry * size * between(0.94, 1.06),
                    normal(0, turn / 2),
                    normal(0, wave),
                    normal(0, wave),
                    normal(0, wave),
                    normal(0, wave),
                    normal(0, wave / 2),
                    normal(0, wave / 2));
        }

        /** Head, neck, body and tail; the whole turns by some degrees, the tail rises or falls, the middle arches. */
        private Curve pancreasAxis(Shape.Blob body) {
            double x = body.x() + normal(0, 7);
            double y = body.y() + normal(-3, 6) * scaleY;
            double turn = StrictMath.toRadians(normal(0, 9));
            double arch = normal(0, 5);
            double tail = normal(0, 13);
            double thin = between(0.8, 1.2);
            double[][] base = {
                {-33, 14 + normal(0, 4), 9},
                {-29, 1 + normal(0, 2), 13},
                {-14, -8 + arch / 2, 8 * thin},
                {6, -15 + arch, 7.5},
                {34, -12 + arch + tail * 0.2, 9 / thin},
                {60, -2 + tail * 0.6, 8},
                {80 + normal(0, 7), 7 + tail, 5.5}
            };
            int first = 0;
            int end = base.length;
            double part = random.nextDouble();
            if (part < 0.18) {
                end = base.length - 2; // the tail lies in another slice
            } else if (part < 0.32) {
                first = 2; // the head does
            }
            double cos = StrictMath.cos(turn);
            double sin = StrictMath.sin(turn);
            double[][] points = new double[end - first][];
            for (int k = first; k < end; k++) {
                double px = base[k][0] * scaleX;
                double py = base[k][1] * scaleY;
                points[k - first] = new double[] {
                    x + cos * px - sin * py, y + sin * px + cos * py, base[k][2] * Math.max(0.75, normal(1, 0.1))
                };
            }
            return new Curve(points);
        }

        /** The tube along the axis with lobules on both sides, as thick as the drawn area asks. */
        private Shape.Discs pancreas(Curve axis) {
            int along = 44;
            int lobules = 34;
            Shape.Discs tube = axis.tube(along);
            double[] xs = java.util.Arrays.copyOf(tube.xs(), along + lobules);
            double[] ys = java.util.Arrays.copyOf(tube.ys(), along + lobules);
            double[] radii = java.util.Arrays.copyOf(tube.radii(), along + lobules);
            for (int i = 0; i < lobules; i++) {
                double position = random.nextDouble();
                double[] p = axis.at(position);
                double[] n = axis.normal(position);
                double r = between(2.8, 5);
                double off = (i % 2 == 0 ? 1 : -1) * (p[2] - r * between(0.35, 0.75));
                xs[along + i] = p[0] + n[0] * off;
                ys[along + i] = p[1] + n[1] * off;
                radii[along + i] = r;
            }
            Shape.Discs shape = new Shape.Discs(xs, ys, radii);
            double target = SLICE * between(0.0155, 0.0245);
            for (int i = 0; i < 4; i++) {
                double factor = target / area(shape);
                shape = shape.thicker(Math.max(0.6, Math.min(1.5, factor)));
            }
            return shape;
        }

        private static double area(Shape shape) {
            Shape.Box box = shape.bounds();
            double step = 1.5;
            int inside = 0;
            for (double y = box.top(); y < box.bottom(); y += step) {
                for (double x = box.left(); x < box.right(); x += step) {
                    inside += shape.depth(x, y) > 0 ? 1 : 0;
                }
            }
            return inside * step * step;
        }

        private Shape.Discs splenicVein(Curve axis, Shape.Blob start) {
            int count = 40;
            double length = random.nextInt(3) == 0 ? between(0.05, 0.3) : 0.6; // it often leaves the slice
            double[] xs = new double[count];
            double[] ys = new double[count];
            double[] radii = new double[count];
            for (int i = 0; i < count; i++) {
                double position = 0.38 + length * i / count;
                double[] p = axis.at(position);
                double[] n = axis.normal(position);
                double off = Math.max(4, p[2]) + 2.2;
                xs[i] = p[0] + n[0] * off;
                ys[i] = p[1] + n[1] * off;
                radii[i] = 2.6;
            }
            xs[0] = start.x();
            ys[0] = start.y();
            return new Shape.Discs(xs, ys, radii);
        }

        /** The loop that embraces the head: it goes round on the patient's right. */
        private Shape.Discs duodenum(Curve axis) {
            double[] head = axis.at(0);
            double r = between(8, 11);
            double bulge = between(17, 22);
            return new Curve(
                            new double[] {head[0] - 2 + normal(0, 3), head[1] - 32, r * 0.9},
                            new double[] {head[0] - bulge, head[1] - 20 + normal(0, 3), r},
                            new double[] {head[0] - bulge - 3, head[1] + normal(0, 3), r},
                            new double[] {head[0] - bulge + 5, head[1] + 16 + normal(0, 3), r})
                    .tube(24);
        }

        /** Bowel wherever there is room: bent tubes as thick as the pancreas. */
        private List<Shape.Discs> loops(Shape.Blob body, Shape cavity, List<Shape> taken) {
            List<Shape.Discs> loops = new ArrayList<>();
            int wanted = 9 + random.nextInt(7);
            for (int attempt = 0; attempt < (loops.size() < 4 ? 1500 : 420) && loops.size() < wanted; attempt++) {
                double x = body.x() + between(-90, 110) * scaleX;
                double y = body.y() + between(-85, 45) * scaleY;
                double r = attempt < 200 ? between(8, 12) : attempt < 420 ? between(6, 9) : between(4, 6);
                double pace = attempt < 420 ? 15 : 6;
                double direction = between(0, 2 * Math.PI);
                double bend = normal(0, 0.8);
                int parts = attempt < 200 ? 3 + random.nextInt(2) : 2;
                double[][] points = new double[parts][];
                boolean free = true;
                for (int k = 0; k < parts && free; k++) {
                    points[k] = new double[] {x, y, r * between(0.85, 1.15)};
                    free = cavity.depth(x, y) > r + 1 && clear(taken, x, y, r);
                    x += pace * StrictMath.cos(direction);
                    y += pace * StrictMath.sin(direction);
                    direction += bend;
                }
                if (free) {
                    Shape.Discs loop = new Curve(points).tube(7 * parts);
                    loops.add(loop);
                    taken.add(loop);
                }
            }
            return loops;
        }

        private static boolean clear(List<Shape> taken, double x, double y, double radius) {
            for (Shape shape : taken) {
                if (shape.depth(x, y) > -radius - 0.5) {
                    return false;
                }
            }
            return true;
        }

        private double between(double low, double high) {
            return low + (high - low) * random.nextDouble();
        }

        /** A normal draw, held within two deviations so that no patient falls apart. */
        private double normal(double mean, double deviation) {
            return mean + deviation * Math.max(-2, Math.min(2, random.nextGaussian()));
        }
    }
}
