package org.attunet.phantom;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.attunet.phantom.Shape.Blob;
import org.attunet.phantom.Shape.Box;
import org.attunet.phantom.Shape.Disc;
import org.attunet.phantom.Shape.Tube;

/**
 * The shapes of one patient's organs in a slice at the height of the pancreas, in millimetres from the middle of the
 * slice; x grows to the patient's left, y to the back. The base positions are those of an average adult; every patient
 * moves, turns and deforms them. The order of the random draws fixes the picture that belongs to a seed.
 */
final class Anatomy {
    private static final double SLICE = AbdomenPhantom.FIELD * AbdomenPhantom.FIELD;

    final Blob body;
    /** Thickness of the subcutaneous fat and of the abdominal wall's muscle, in millimetres. */
    final double fat;

    final double wall;
    final double spineX;
    final double spineY;
    final Shape cavity;
    final Blob leftKidney;
    final Blob rightKidney;
    final Blob stomach;
    final Shape spleen;
    final Blob aorta;
    final Blob cava;
    final Tube pancreas;
    final Blob mesentericVein;
    final Blob mesentericArtery;
    final Tube splenicVein;
    final Tube duodenum;
    final Shape liver;
    final Blob gallbladder;
    final boolean hasGallbladder;
    final List<Tube> loops;

    private final Random random;
    private final double scaleX;
    private final double scaleY;
    private final double scale;

    /** Draws another patient with each call. */
    Anatomy(Random random) {
        this.random = random;
        double halfWidth = between(138, 164);
        double halfHeight = halfWidth * between(0.68, 0.78);
        scaleX = halfWidth / 150;
        scaleY = halfHeight / 108;
        scale = Math.sqrt(scaleX * scaleY);
        double[] pose = {normal(0, 4), normal(0, 4), normal(0, 2)};
        double[] wave = {
            normal(0, 0.01), normal(0, 0.01), 0, normal(-0.015, 0.01), between(-0.045, -0.02), normal(0, 0.008)
        };
        body = Blob.of(pose[0], pose[1], halfWidth, halfHeight, pose[2], wave);
        fat = between(9, 22);
        wall = between(6, 9);
        cavity = body.inset(fat + wall);
        spineX = body.x() + normal(0, 2);
        spineY = body.y() + 38 * scaleY + normal(0, 2);
        rightKidney = kidney(body.x() - 62 * scaleX, spineY + normal(4, 5), 20);
        leftKidney = kidney(body.x() + 62 * scaleX, spineY + normal(-2, 5), -20);
        Blob wholeSpleen = blob(104, 18, 7, 25, 40, 15, 0.05);
        stomach = blob(44, -46, 7, 42, 23, 14, 0.06);
        spleen = wholeSpleen.without(stomach, 2).within(cavity, 2);
        aorta = blob(6, 13, 1.5, 9.5, 9.5, 0, 0.01);
        cava = blob(-21, 15, 2.5, 12, 8, 10, 0.03);
        Curve axis = pancreasAxis();
        pancreas = pancreas(axis);
        Disc behindNeck = axis.beside(0.33, axis.at(0.33).radius() + 5, 5);
        mesentericVein = Blob.of(behindNeck.x(), behindNeck.y(), 5.5, 5, 0);
        mesentericArtery = Blob.of(behindNeck.x() + 11 + normal(0, 1), behindNeck.y() + normal(1, 1), 3.4, 3.4, 0);
        splenicVein = splenicVein(axis);
        duodenum = duodenum(axis.at(0));
        Blob rightLobe = blob(-88, -8, 6, 52, 60, 8, 0.05);
        Blob leftLobe = blob(-30, -54, 9, 46, 19, 14, 0.06);
        liver = rightLobe.or(leftLobe).within(cavity, 1.5).without(pancreas.or(duodenum), between(0.5, 2.5));
        gallbladder = blob(-52, -32, 5, 11, 15, 40, 0.03);
        hasGallbladder = random.nextInt(3) > 0;
        loops = loops();
    }

    private Blob kidney(double x, double y, double degrees) {
        double moved = x + normal(0, 4);
        double rx = 23 * scale * between(0.9, 1.12);
        double ry = 28 * scale * between(0.9, 1.12);
        return Blob.of(moved, y, rx, ry, degrees + normal(0, 8), waves(4, 0.02));
    }

    /** A blob near a base position: the place varies by {@code shift} mm, the size by an eighth. */
    private Blob blob(double x, double y, double shift, double rx, double ry, double turn, double wave) {
        double size = scale * Math.max(0.8, Math.min(1.22, normal(1, 0.09)));
        double movedX = body.x() + x * scaleX + normal(0, shift);
        double movedY = body.y() + y * scaleY + normal(0, shift);
        double width = rx * size * between(0.94, 1.06);
        double height = ry * size * between(0.94, 1.06);
        return Blob.of(movedX, movedY, width, height, normal(0, turn / 2), waves(6, wave));
    }

    private double[] waves(int count, double deviation) {
        double[] waves = new double[count];
        for (int i = 0; i < count; i++) {
            waves[i] = normal(0, i < 4 ? deviation : deviation / 2);
        }
        return waves;
    }

    /** Head, neck, body and tail; the whole turns by some degrees, the tail rises or falls, the middle arches. */
    private Curve pancreasAxis() {
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
        double part = random.nextDouble(); // the tail lies in another slice, or the head does
        int end = part < 0.18 ? base.length - 2 : base.length;
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        List<Disc> points = new ArrayList<>();
        for (int k = part >= 0.18 && part < 0.32 ? 2 : 0; k < end; k++) {
            double px = base[k][0] * scaleX;
            double py = base[k][1] * scaleY;
            double radius = base[k][2] * Math.max(0.75, normal(1, 0.1));
            points.add(new Disc(x + cos * px - sin * py, y + sin * px + cos * py, radius));
        }
        return new Curve(points);
    }

    /** A tube along the axis with lobules on both sides, scaled to the drawn area. */
    private Tube pancreas(Curve axis) {
        List<Disc> discs = new ArrayList<>(axis.tube(44).discs());
        for (int i = 0; i < 34; i++) {
            double position = random.nextDouble();
            double r = between(2.8, 5);
            double offset = axis.at(position).radius() - r * between(0.35, 0.75);
            discs.add(axis.beside(position, i % 2 == 0 ? offset : -offset, r));
        }
        Tube tube = new Tube(discs);
        double area = SLICE * between(0.0155, 0.0245);
        for (int i = 0; i < 4; i++) {
            tube = tube.thicker(Math.max(0.6, Math.min(1.5, area / area(tube))));
        }
        return tube;
    }

    private static double area(Shape shape) {
        Box box = shape.bounds();
        double step = 1.5;
        int inside = 0;
        for (double y = box.top(); y < box.bottom(); y += step) {
            for (double x = box.left(); x < box.right(); x += step) {
                inside += shape.depth(x, y) > 0 ? 1 : 0;
            }
        }
        return inside * step * step;
    }

    private Tube splenicVein(Curve axis) {
        double length = random.nextInt(3) == 0 ? between(0.05, 0.3) : 0.6; // it often leaves the slice
        List<Disc> discs = new ArrayList<>(List.of(new Disc(mesentericVein.x(), mesentericVein.y(), 2.6)));
        for (int i = 1; i < 40; i++) {
            double position = 0.38 + length * i / 40;
            discs.add(axis.beside(position, Math.max(4, axis.at(position).radius()) + 2.2, 2.6));
        }
        return new Tube(discs);
    }

    /** The loop around the pancreas's head, on the patient's right. */
    private Tube duodenum(Disc head) {
        double r = between(8, 11);
        double bulge = between(17, 22);
        double[] top = {-2 + normal(0, 3), -32, r * 0.9};
        double[] upper = {-bulge, -20 + normal(0, 3), r};
        double[] lower = {-bulge - 3, normal(0, 3), r};
        double[] bottom = {-bulge + 5, 16 + normal(0, 3), r};
        return Curve.of(head.x(), head.y(), top, upper, lower, bottom).tube(24);
    }

    /** Bowel loops wherever there is room: bent tubes as thick as the pancreas. */
    private List<Tube> loops() {
        List<Shape> taken = new ArrayList<>(List.of(rightKidney, leftKidney, spleen, stomach, aorta, cava, pancreas));
        taken.addAll(
                List.of(liver, duodenum, mesentericVein, mesentericArtery, Blob.of(spineX, spineY + 8, 30, 26, 0)));
        List<Tube> loops = new ArrayList<>();
        int wanted = 9 + random.nextInt(7);
        for (int attempt = 0; attempt < (loops.size() < 4 ? 1500 : 420) && loops.size() < wanted; attempt++) {
            double x = body.x() + between(-90, 110) * scaleX;
            double y = body.y() + between(-85, 45) * scaleY;
            double r = attempt < 200 ? between(8, 12) : attempt < 420 ? between(6, 9) : between(4, 6);
            double pace = attempt < 420 ? 15 : 6;
            double direction = between(0, 2 * Math.PI);
            double bend = normal(0, 0.8);
            int parts = attempt < 200 ? 3 + random.nextInt(2) : 2;
            List<Disc> points = new ArrayList<>();
            boolean free = true;
            for (int k = 0; k < parts && free; k++) {
                points.add(new Disc(x, y, r * between(0.85, 1.15)));
                free = cavity.depth(x, y) > r + 1 && isClear(taken, x, y, r);
                x += pace * StrictMath.cos(direction);
                y += pace * StrictMath.sin(direction);
                direction += bend;
            }
            if (free) {
                Tube loop = new Curve(points).tube(7 * parts);
                loops.add(loop);
                taken.add(loop);
            }
        }
        return loops;
    }

    private static boolean isClear(List<Shape> taken, double x, double y, double radius) {
        return taken.stream().noneMatch(shape -> shape.depth(x, y) > -radius - 0.5);
    }

    private double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** A normal draw, clamped to two deviations so that organs stay whole. */
    private double normal(double mean, double deviation) {
        return mean + deviation * Math.max(-2, Math.min(2, random.nextGaussian()));
    }
}
