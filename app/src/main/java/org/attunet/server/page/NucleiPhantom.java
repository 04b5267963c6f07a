package org.attunet.server.page;

import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/**
 * A picture that looks like nuclei under a fluorescence microscope: bright, softly edged blobs with a grain of their own on
 * a dark ground with a haze. Red, green and blue, 0 to 255.
 */
final class NucleiPhantom {
    private static final int WIDTH = 384;
    private static final int HEIGHT = 288;
    private static final int NUCLEI = 44;
    private static final long SEED = 21;
    private static final double[] COLOUR = {0.55, 0.78, 1};

    private NucleiPhantom() {}

    /** A blob: its middle, its half axes, the cosine and sine of its angle, its brightness and the phase of its grain. */
    private record Nucleus(double x, double y, double a, double b, double cos, double sin, double light, double phase) {
        static Nucleus random(Random random) {
            double angle = Math.PI * random.nextDouble();
            double a = 11 + 6 * random.nextDouble();
            return new Nucleus(
                    WIDTH * random.nextDouble(),
                    HEIGHT * random.nextDouble(),
                    a,
                    a * (0.65 + 0.3 * random.nextDouble()),
                    Math.cos(angle),
                    Math.sin(angle),
                    90 + 110 * random.nextDouble(),
                    20 * random.nextDouble());
        }

        /** The light of a point, most of it inside. */
        double at(double px, double py) {
            double dx = px - x;
            double dy = py - y;
            double u = (cos * dx + sin * dy) / a;
            double v = (cos * dy - sin * dx) / b;
            double radius = Math.sqrt(u * u + v * v);
            double grain = 1 + 0.13 * Math.sin(4.1 * u + phase) * Math.sin(4.7 * v + 2 * phase) - 0.12 * radius;
            return light * grain / (1 + Math.exp(14 * (radius - 1)));
        }

        boolean touches(Nucleus other) {
            return Math.hypot(x - other.x, y - other.y) < 0.95 * (a + other.a);
        }
    }

    /** The picture, the same each time. */
    static Image image() {
        var random = new Random(SEED);
        Nucleus[] nuclei = scatter(random);
        float[][] channels = new float[3][WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                double light = 9 + 4 * Math.sin(0.011 * x + 0.4) * Math.cos(0.013 * y);
                for (Nucleus nucleus : nuclei) {
                    light = Math.max(light, nucleus.at(x, y));
                }
                light += (1 + 0.03 * light) * random.nextGaussian(); // the noise of few photons
                for (int c = 0; c < 3; c++) {
                    channels[c][y * WIDTH + x] = (float) Math.max(0, Math.min(255, light * COLOUR[c]));
                }
            }
        }
        return new Image(Grid.of(WIDTH, HEIGHT), channels);
    }

    /** Nuclei that hardly touch. */
    private static Nucleus[] scatter(Random random) {
        var nuclei = new Nucleus[NUCLEI];
        for (int count = 0; count < NUCLEI; ) {
            Nucleus next = Nucleus.random(random);
            boolean free = true;
            for (int k = 0; k < count; k++) {
                free &= !next.touches(nuclei[k]);
            }
            if (free) {
                nuclei[count++] = next;
            }
        }
        return nuclei;
    }
}
