package org.attunet.phantom;

import java.util.Random;
import org.attunet.phantom.Canvas.Layer;
import org.attunet.phantom.Shape.Blob;
import org.attunet.phantom.Shape.Disc;
import org.attunet.phantom.Shape.Tube;

/** Paints one patient's organs on a canvas from the outside inwards; later shapes cover earlier ones. */
final class Painter {
    private static final double FAT = -100;
    private static final double TEXTURE_GRAIN = 5;

    private final Canvas canvas;
    private final Anatomy anatomy;
    private final Random random;

    Painter(Canvas canvas, Anatomy anatomy, Random random) {
        this.canvas = canvas;
        this.anatomy = anatomy;
        this.random = random;
    }

    /** Paints everything, texture included. */
    void paint() {
        tableAndBody();
        muscles();
        liver();
        double soft = near(42, 3); // pancreas, duodenum and bowel share one value, so intensity can't separate them
        fat(anatomy.spleen, 1.2, FAT);
        canvas.paint(anatomy.spleen, Tissue.SPLEEN, near(56, 4));
        stomach();
        for (Tube loop : anatomy.loops) {
            bowel(loop, soft);
        }
        canvas.paint(anatomy.duodenum, Tissue.DUODENUM, near(soft, 3));
        fat(anatomy.pancreas, 0.2 + 1.2 * random.nextDouble(), FAT / 2);
        canvas.paint(anatomy.pancreas, Tissue.PANCREAS, near(soft, 3));
        kidney(anatomy.leftKidney, -1);
        kidney(anatomy.rightKidney, 1);
        vessels();
        spine();
        ribs();
        canvas.texture(new ValueNoise(random, AbdomenPhantom.FIELD, TEXTURE_GRAIN));
    }

    private void tableAndBody() {
        Blob body = anatomy.body;
        canvas.paint(
                Blob.of(0, body.y() + body.ry() - 292, 300, 300, 0),
                new Layer(0, Tissue.TABLE, -350),
                new Layer(2.5, Tissue.TABLE, -860),
                new Layer(12, Tissue.AIR, -1000));
        canvas.paint(
                body,
                new Layer(0, Tissue.SKIN, 15),
                new Layer(2.2, Tissue.FAT, FAT - 4),
                new Layer(anatomy.fat, Tissue.MUSCLE, 52),
                new Layer(anatomy.fat + anatomy.wall, Tissue.FAT, FAT + 6));
    }

    private void muscles() {
        double x = anatomy.spineX;
        double y = anatomy.spineY;
        for (int side = -1; side <= 1; side += 2) {
            Blob back = Blob.of(x + side * 31, y + 31, 27, 17, side * -14, 0.03, 0, 0.03);
            canvas.paint(back.within(anatomy.body, 9), Tissue.MUSCLE, near(54, 3));
            canvas.paint(Blob.of(x + side * 29, y + 6, 9, 14, side * -12), Tissue.MUSCLE, near(54, 3));
            double[][] crus = {{side * 6 + 5, -30, 2.6}, {side * 14 + 4, -22, 3.4}, {side * 19 + 1, -8, 3.2}};
            canvas.paint(Curve.of(x, y, crus).tube(16), Tissue.MUSCLE, near(52, 3));
        }
    }

    private void liver() {
        double value = near(61, 5);
        canvas.paint(anatomy.liver, Tissue.LIVER, value);
        Shape.Box box = anatomy.liver.bounds();
        for (int i = 0; i < 7; i++) {
            double x = box.left() + (box.right() - box.left()) * (0.12 + 0.6 * random.nextDouble());
            double y = box.top() + (box.bottom() - box.top()) * (0.2 + 0.6 * random.nextDouble());
            double angle = 6.3 * random.nextDouble();
            double length = 8 + 16 * random.nextDouble();
            double dx = length * StrictMath.cos(angle);
            double dy = length * StrictMath.sin(angle);
            double bend = 6 * random.nextGaussian();
            double[][] vessel = {{0, 0, 2.6}, {dx + bend, dy, 1.8}, {2 * dx, 2 * dy, 1}};
            canvas.paint(Curve.of(x, y, vessel).tube(20).within(anatomy.liver, 3), Tissue.LIVER, value + 26);
        }
        if (anatomy.hasGallbladder) {
            canvas.paint(anatomy.gallbladder, Tissue.GALLBLADDER, near(10, 3));
        }
    }

    private void stomach() {
        Blob stomach = anatomy.stomach;
        double content = near(20, 10);
        double wall = 3 + 2 * random.nextDouble();
        double level = stomach.y() + stomach.ry() * (random.nextDouble() * 1.3 - 1.05);
        Shape inside = stomach.within(anatomy.cavity, 1.5);
        fat(inside, 1.2, FAT);
        hollow(inside, Tissue.STOMACH, wall, near(46, 3), content);
        // Gas collects under the front wall and ends at a horizontal level, because the patient lies on the back.
        Shape above = inside.without(Blob.of(stomach.x(), level + 400, 400, 400, 0), 0);
        canvas.paint(above, new Layer(wall, Tissue.STOMACH, -940));
    }

    private void bowel(Tube loop, double soft) {
        fat(loop, 0.7, FAT);
        double value = near(soft, 4);
        int kind = random.nextInt(10);
        double wall = 2.2 + random.nextDouble();
        if (kind == 6 || kind == 7) {
            hollow(loop, Tissue.BOWEL, wall, value, near(16, 5));
            return;
        }
        canvas.paint(loop, Tissue.BOWEL, value);
        if (kind > 7) {
            Disc middle = loop.discs().get(loop.discs().size() / 2);
            Shape gas = Blob.of(middle.x(), middle.y() - 1.5, 7 * (0.7 + 0.6 * random.nextDouble()), 4.5, 0);
            canvas.paint(gas.within(loop, 2), Tissue.BOWEL, -880);
        }
    }

    private void kidney(Blob kidney, int towardsSpine) {
        double cortex = near(148, 10);
        double medulla = near(118, 8);
        fat(kidney, 2.5, FAT);
        hollow(kidney, Tissue.KIDNEY, 5.5, cortex, medulla);
        double dx = kidney.cos() * kidney.rx() * towardsSpine;
        double dy = kidney.sin() * kidney.rx() * towardsSpine;
        double[][] sinus = {{0.95 * dx, 0.95 * dy, 6}, {0.5 * dx, 0.5 * dy, 6.5}, {0.1 * dx, 0.1 * dy, 5}};
        canvas.paint(Curve.of(kidney.x(), kidney.y(), sinus).tube(12).within(kidney, -4), Tissue.FAT, -75);
        double[][] vein = {{1.5 * dx, 1.5 * dy - 4, 2.8}, {0.9 * dx, 0.9 * dy - 1, 2.6}, {0.4 * dx, 0.4 * dy, 2}};
        canvas.paint(Curve.of(kidney.x(), kidney.y(), vein).tube(18), Tissue.VESSEL, near(130, 8));
    }

    private void vessels() {
        double artery = near(165, 10);
        double vein = near(132, 8);
        Blob aorta = anatomy.aorta;
        canvas.paint(anatomy.splenicVein, Tissue.VESSEL, vein);
        fat(anatomy.cava, 1.2, FAT);
        canvas.paint(anatomy.cava, Tissue.VESSEL, vein - 6);
        fat(aorta, 1.2, FAT);
        boolean calcified = random.nextInt(4) == 0;
        canvas.paint(aorta, Tissue.VESSEL, artery);
        if (calcified) {
            Blob plaque = Blob.of(aorta.x() + aorta.rx() * 0.6, aorta.y() + aorta.ry() * 0.7, 2.2, 1.4, -40);
            canvas.paint(plaque, Tissue.VESSEL, 480);
        }
        canvas.paint(anatomy.mesentericVein, Tissue.VESSEL, vein);
        fat(anatomy.mesentericArtery, 2, FAT + 10);
        canvas.paint(anatomy.mesentericArtery, Tissue.VESSEL, artery);
    }

    private void spine() {
        double x = anatomy.spineX;
        double y = anatomy.spineY;
        double cortex = near(560, 60);
        double marrow = near(200, 25);
        for (int side = -1; side <= 1; side += 2) {
            double[][] arch = {{side * 14, 9, 4.5}, {side * 16, 20, 4.2}, {side * 9, 32, 3.6}, {0, 37, 3.6}};
            hollow(Curve.of(x, y, arch).tube(22), Tissue.BONE, 1.6, cortex, marrow + 60);
            double[][] process = {{side * 16, 20, 4}, {side * 29, 21, 3}, {side * 39, 24, 2.6}};
            hollow(Curve.of(x, y, process).tube(16), Tissue.BONE, 1.5, cortex, marrow + 60);
        }
        double[][] spinousProcess = {{0, 36, 3.6}, {0, 56, 3}};
        hollow(Curve.of(x, y, spinousProcess).tube(14), Tissue.BONE, 1.4, cortex, marrow + 80);
        hollow(Blob.of(x, y, 21, 16.5, 0, 0.02, 0, 0, -0.05), Tissue.BONE, 1.9, cortex, marrow);
        canvas.paint(Blob.of(x, y + 23, 10.5, 8, 0), Tissue.FAT, -40);
        canvas.paint(Blob.of(x, y + 23, 8.5, 6.5, 0), Tissue.SPINAL_CANAL, 28);
    }

    /** Ribs are cut obliquely: short bars in the muscle of the wall, at its sides and back. */
    private void ribs() {
        Blob body = anatomy.body;
        double offset = 0.12 * random.nextGaussian();
        for (int side = -1; side <= 1; side += 2) {
            for (int k = 0; k < 5; k++) {
                double angle = -0.72 + 0.38 * k + offset + 0.05 * random.nextGaussian();
                double cos = side * StrictMath.cos(angle);
                double sin = StrictMath.sin(angle);
                double radius = 60;
                while (body.depth(body.x() + radius * cos, body.y() + radius * sin)
                        > anatomy.fat + anatomy.wall * 0.55) {
                    radius += 0.5;
                }
                double tangent = StrictMath.toDegrees(
                        StrictMath.atan2(cos * body.ry() / body.rx(), -sin * body.rx() / body.ry()));
                double length = 6.5 + 3 * random.nextDouble();
                Shape rib = Blob.of(body.x() + radius * cos, body.y() + radius * sin, length, 3.6, tangent);
                hollow(rib, Tissue.BONE, 1.3, near(470, 50), near(190, 30));
            }
        }
    }

    /** Paints the fat around an organ, which the organ then covers except for a rim. */
    private void fat(Shape organ, double width, double value) {
        canvas.paint(organ, new Layer(-width, Tissue.FAT, value));
    }

    /** Paints an outer layer of some thickness and, inside it, another value. */
    private void hollow(Shape shape, Tissue tissue, double thickness, double outer, double inner) {
        canvas.paint(shape, new Layer(0, tissue, outer), new Layer(thickness, tissue, inner));
    }

    private double near(double value, double deviation) {
        return value + deviation * Math.max(-2, Math.min(2, random.nextGaussian()));
    }
}
