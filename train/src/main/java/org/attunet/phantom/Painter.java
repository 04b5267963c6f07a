package org.attunet.phantom;

import java.util.Random;

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
        double soft = near(42, 3); // pancreas, duodenum and bowel are drawn around one value: intensity does not tell
        canvas.paint(anatomy.spleen(), -1.2, Structure.FAT, d -> FAT);
        double spleen = near(56, 4);
        canvas.paint(anatomy.spleen(), Structure.SPLEEN, spleen);
        stomach();
        for (Shape.Discs loop : anatomy.loops()) {
            bowel(loop, soft);
        }
        canvas.paint(anatomy.duodenum(), Structure.DUODENUM, near(soft, 3));
        double plane = -0.2 - 1.2 * random.nextDouble();
        canvas.paint(anatomy.pancreas(), plane, Structure.FAT, d -> FAT / 2);
        canvas.paint(anatomy.pancreas(), Structure.PANCREAS, near(soft, 3));
        kidney(anatomy.leftKidney(), -1);
        kidney(anatomy.rightKidney(), 1);
        vessels();
        spine();
        ribs();
        texture();
    }

    private void tableAndBody() {
        Shape.Blob body = anatomy.body();
        Shape.Blob table = Shape.Blob.of(0, body.y() + body.ry() - 292, 300, 300, 0);
        canvas.paint(
                table,
                new Canvas.Layer(0, Structure.TABLE, -350),
                new Canvas.Layer(2.5, Structure.TABLE, -860),
                new Canvas.Layer(12, Structure.AIR, -1000));
        canvas.paint(
                body,
                new Canvas.Layer(0, Structure.SKIN, 15),
                new Canvas.Layer(2.2, Structure.FAT, FAT - 4),
                new Canvas.Layer(anatomy.fat(), Structure.MUSCLE, 52),
                new Canvas.Layer(anatomy.fat() + anatomy.wall(), Structure.FAT, FAT + 6));
    }

    private void muscles() {
        double x = anatomy.spineX();
        double y = anatomy.spineY();
        for (int side = -1; side <= 1; side += 2) {
            Shape back = new Shape.Within(
                    Shape.Blob.of(x + side * 31, y + 31, 27, 17, side * -14, 0.03, 0, 0.03), anatomy.body(), 9);
            canvas.paint(back, Structure.MUSCLE, near(54, 3));
            canvas.paint(Shape.Blob.of(x + side * 29, y + 6, 9, 14, side * -12), Structure.MUSCLE, near(54, 3));
            Shape.Discs crus = new Curve(
                            new double[] {x + side * 6.0 + 5, y - 30, 2.6},
                            new double[] {x + side * 14.0 + 4, y - 22, 3.4},
                            new double[] {x + side * 19.0 + 1, y - 8, 3.2})
                    .tube(16);
            canvas.paint(crus, Structure.MUSCLE, near(52, 3));
        }
    }

    private void liver() {
        double value = near(61, 5);
        canvas.paint(anatomy.liver(), Structure.LIVER, value);
        Shape.Box box = anatomy.liver().bounds();
        for (int i = 0; i < 7; i++) {
            double x = box.left() + (box.right() - box.left()) * (0.12 + 0.6 * random.nextDouble());
            double y = box.top() + (box.bottom() - box.top()) * (0.2 + 0.6 * random.nextDouble());
            double angle = 6.3 * random.nextDouble();
            double length = 8 + 16 * random.nextDouble();
            double bend = 6 * random.nextGaussian();
            Shape.Discs vessel = new Curve(
                            new double[] {x, y, 2.6},
                            new double[] {
                                x + length * StrictMath.cos(angle) + bend, y + length * StrictMath.sin(angle), 1.8
                            },
                            new double[] {
                                x + 2 * length * StrictMath.cos(angle), y + 2 * length * StrictMath.sin(angle), 1
                            })
                    .tube(20);
            canvas.paint(new Shape.Within(vessel, anatomy.liver(), 3), Structure.LIVER, value + 26);
        }
        if (anatomy.hasGallbladder()) {
            canvas.paint(anatomy.gallbladder(), Structure.GALLBLADDER, near(10, 3));
        }
    }

    private void stomach() {
        Shape.Blob stomach = anatomy.stomach();
        double content = near(20, 10);
        double wall = 3 + 2 * random.nextDouble();
        double level = stomach.y() + stomach.ry() * (random.nextDouble() * 1.3 - 1.05);
        Shape inside = new Shape.Within(stomach, anatomy.cavity(), 1.5);
        canvas.paint(inside, -1.2, Structure.FAT, d -> FAT);
        double wallValue = near(46, 3);
        canvas.paint(inside, 0, Structure.STOMACH, d -> d < wall ? wallValue : content);
        // gas collects under the front wall and ends in a horizontal level, because the patient lies on the back
        Shape above = new Shape.Without(inside, Shape.Blob.of(stomach.x(), level + 400, 400, 400, 0), 0);
        canvas.paint(above, wall, Structure.STOMACH, d -> -940);
    }

    private void bowel(Shape.Discs loop, double soft) {
        canvas.paint(loop, -0.7, Structure.FAT, d -> FAT);
        double value = near(soft, 4);
        int kind = random.nextInt(10);
        double wall = 2.2 + random.nextDouble();
        if (kind < 6) {
            canvas.paint(loop, Structure.BOWEL, value);
        } else if (kind < 8) {
            double fluid = near(16, 5);
            canvas.paint(loop, 0, Structure.BOWEL, d -> d < wall ? value : fluid);
        } else {
            canvas.paint(loop, Structure.BOWEL, value);
            int middle = loop.xs().length / 2;
            Shape gas = Shape.Blob.of(
                    loop.xs()[middle], loop.ys()[middle] - 1.5, 7 * (0.7 + 0.6 * random.nextDouble()), 4.5, 0);
            canvas.paint(new Shape.Within(gas, loop, 2), Structure.BOWEL, -880);
        }
    }

    private void kidney(Shape.Blob kidney, int towardsSpine) {
        double cortex = near(148, 10);
        double medulla = near(118, 8);
        canvas.paint(kidney, -2.5, Structure.FAT, d -> FAT);
        canvas.paint(kidney, 0, Structure.KIDNEY, d -> d < 5.5 ? cortex : medulla);
        double dx = kidney.cos() * kidney.rx() * towardsSpine;
        double dy = kidney.sin() * kidney.rx() * towardsSpine;
        Shape sinus = new Curve(
                        new double[] {kidney.x() + 0.95 * dx, kidney.y() + 0.95 * dy, 6},
                        new double[] {kidney.x() + 0.5 * dx, kidney.y() + 0.5 * dy, 6.5},
                        new double[] {kidney.x() + 0.1 * dx, kidney.y() + 0.1 * dy, 5})
                .tube(12);
        canvas.paint(new Shape.Within(sinus, kidney, -4), 0, Structure.FAT, d -> -75);
        Shape.Discs vein = new Curve(
                        new double[] {kidney.x() + 1.5 * dx, kidney.y() + 1.5 * dy - 4, 2.8},
                        new double[] {kidney.x() + 0.9 * dx, kidney.y() + 0.9 * dy - 1, 2.6},
                        new double[] {kidney.x() + 0.4 * dx, kidney.y() + 0.4 * dy, 2})
                .tube(18);
        canvas.paint(vein, Structure.VESSEL, near(130, 8));
    }

    private void vessels() {
        double artery = near(165, 10);
        double vein = near(132, 8);
        canvas.paint(anatomy.splenicVein(), Structure.VESSEL, vein);
        canvas.paint(anatomy.cava(), -1.2, Structure.FAT, d -> FAT);
        canvas.paint(anatomy.cava(), Structure.VESSEL, vein - 6);
        canvas.paint(anatomy.aorta(), -1.2, Structure.FAT, d -> FAT);
        boolean calcified = random.nextInt(4) == 0;
        canvas.paint(anatomy.aorta(), Structure.VESSEL, artery);
        if (calcified) {
            Shape.Blob aorta = anatomy.aorta();
            canvas.paint(
                    Shape.Blob.of(aorta.x() + aorta.rx() * 0.6, aorta.y() + aorta.ry() * 0.7, 2.2, 1.4, -40),
                    Structure.VESSEL,
                    480);
        }
        canvas.paint(anatomy.mesentericVein(), Structure.VESSEL, vein);
        canvas.paint(anatomy.mesentericArtery(), -2, Structure.FAT, d -> FAT + 10);
        canvas.paint(anatomy.mesentericArtery(), Structure.VESSEL, artery);
    }

    private void spine() {
        double x = anatomy.spineX();
        double y = anatomy.spineY();
        double cortex = near(560, 60);
        double marrow = near(200, 25);
        Shape.Blob vertebra = Shape.Blob.of(x, y, 21, 16.5, 0, 0.02, 0, 0, -0.05);
        for (int side = -1; side <= 1; side += 2) {
            Shape arch = new Curve(
                            new double[] {x + side * 14, y + 9, 4.5},
                            new double[] {x + side * 16, y + 20, 4.2},
                            new double[] {x + side * 9, y + 32, 3.6},
                            new double[] {x, y + 37, 3.6})
                    .tube(22);
            bone(arch, cortex, marrow + 60, 1.6);
            Shape process = new Curve(
                            new double[] {x + side * 16, y + 20, 4},
                            new double[] {x + side * 29, y + 21, 3},
                            new double[] {x + side * 39, y + 24, 2.6})
                    .tube(16);
            bone(process, cortex, marrow + 60, 1.5);
        }
        bone(new Curve(new double[] {x, y + 36, 3.6}, new double[] {x, y + 56, 3}).tube(14), cortex, marrow + 80, 1.4);
        bone(vertebra, cortex, marrow, 1.9);
        canvas.paint(Shape.Blob.of(x, y + 23, 10.5, 8, 0), Structure.FAT, -40);
        canvas.paint(Shape.Blob.of(x, y + 23, 8.5, 6.5, 0), Structure.SPINAL_CANAL, 28);
    }

    private void bone(Shape shape, double cortex, double marrow, double thickness) {
        canvas.paint(shape, 0, Structure.BONE, d -> d < thickness ? cortex : marrow);
    }

    /** Ribs are cut obliquely: short bars in the muscle of the wall, at its sides and back. */
    private void ribs() {
        Shape.Blob body = anatomy.body();
        double offset = 0.12 * random.nextGaussian();
        for (int side = -1; side <= 1; side += 2) {
            for (int k = 0; k < 5; k++) {
                double angle = -0.72 + 0.38 * k + offset + 0.05 * random.nextGaussian();
                double cos = side * StrictMath.cos(angle);
                double sin = StrictMath.sin(angle);
                double radius = 60;
                while (body.depth(body.x() + radius * cos, body.y() + radius * sin)
                        > anatomy.fat() + anatomy.wall() * 0.55) {
                    radius += 0.5;
                }
                double tangent = StrictMath.toDegrees(
                        StrictMath.atan2(cos * body.ry() / body.rx(), -sin * body.rx() / body.ry()));
                double length = 6.5 + 3 * random.nextDouble();
                Shape rib = Shape.Blob.of(body.x() + radius * cos, body.y() + radius * sin, length, 3.6, tangent);
                bone(rib, near(470, 50), near(190, 30), 1.3);
            }
        }
    }

    private void texture() {
        double[] amplitude = new double[Structure.TABLE.label() + 1];
        amplitude[Structure.PANCREAS.label()] = 9;
        amplitude[Structure.DUODENUM.label()] = 9;
        amplitude[Structure.BOWEL.label()] = 9;
        amplitude[Structure.LIVER.label()] = 4;
        amplitude[Structure.SPLEEN.label()] = 4;
        amplitude[Structure.STOMACH.label()] = 6;
        amplitude[Structure.MUSCLE.label()] = 9;
        amplitude[Structure.KIDNEY.label()] = 6;
        amplitude[Structure.FAT.label()] = 9;
        amplitude[Structure.BONE.label()] = 30;
        canvas.texture(new ValueNoise(random, AbdomenPhantom.FIELD, TEXTURE_GRAIN), amplitude);
    }

    private double near(double value, double deviation) {
        return value + deviation * Math.max(-2, Math.min(2, random.nextGaussian()));
    }
}
