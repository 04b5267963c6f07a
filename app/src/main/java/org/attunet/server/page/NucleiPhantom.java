package org.attunet.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/**
 * A synthetic picture that resembles nuclei under a fluorescence microscope: bright blobs with soft edges and a grain on a
 * dark, hazy background. Red, green and blue, 0 to 255.
 */
final class NucleiPhantom {
    private static final int WIDTH = 384;
    private static final int HEIGHT = 288;
    private static final int NUCLEI = 44;
    private static final long SEED = 21;
    private static final double[] COLOUR = {0.55, 0.78, 1};

    private NucleiPhantom() {}

    /** A blob with centre x, y, half axes a, b, an angle, a brightness and the phase of its grain. */
    private record Nucleus(double x, double y, double a, double b, double angle, double light, double phase) {
        static Nucleus random(Random random) {
            double angle = Math.PI * random.nextDouble();
            double a = 11 + 6 * random.nextDouble();
            double x = WIDTH * random.nextDouble();
            double y = HEIGHT * random.nextDouble();
            double b = a * (0.65 + 0.3 * random.nextDouble());
            return new Nucleus(x, y, a, b, angle, 90 + 110 * random.nextDouble(), 20 * random.nextDouble());
        }

        /** Returns the light at a point, most of it inside. */
        double at(double px, double py) {
            double dx = px - x;
            double dy = py - y;
            if (dx * dx + dy * dy > 9 * a * a) {
                return 0; // far darker than the background
            }
            double u = (Math.cos(angle) * dx + Math.sin(angle) * dy) / a;
            double v = (Math.cos(angle) * dy - Math.sin(angle) * dx) / b;
            double radius = Math.sqrt(u * u + v * v);
            double grain = 1 + 0.13 * Math.sin(4.1 * u + phase) * Math.sin(4.7 * v + 2 * phase) - 0.12 * radius;
            return light * grain / (1 + Math.exp(14 * (radius - 1)));
        }

        boolean touches(Nucleus other) {
            return Math.hypot(x - other.x, y - other.y) < 0.95 * (a + other.a);
        }
    }

    /** Returns the picture, the same each time. */
    static Image image() {
        var random = new Random(SEED);
        List<Nucleus> nuclei = new ArrayList<>();
        while (nuclei.size() < NUCLEI) {
            Nucleus next = Nucleus.random(random);
            if (nuclei.stream().noneMatch(next::touches)) {
                nuclei.add(next);
            }
        }
        float[][] channels = new float[3][WIDTH * HEIGHT];
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            double light = 9 + 4 * Math.sin(0.011 * x + 0.4) * Math.cos(0.013 * y);
            for (Nucleus nucleus : nuclei) {
                light = Math.max(light, nucleus.at(x, y));
            }
            light += (1 + 0.03 * light) * random.nextGaussian(); // photon noise
            for (int c = 0; c < 3; c++) {
                channels[c][i] = (float) Math.max(0, Math.min(255, light * COLOUR[c]));
            }
        }
        return new Image(Grid.ofPixels(WIDTH, HEIGHT), channels);
    }
}
