package org.attunet.phantom;

import java.util.Arrays;

/**
 * A slice under construction, finer than the result: shapes are painted over each other, and averaging
 * {@link #FINENESS} x {@link #FINENESS} points per pixel gives the partial volume effect.
 */
final class Canvas {
    /** Points per pixel along each axis. */
    static final int FINENESS = 3;

    private static final Tissue[] TISSUES = Tissue.values();

    private final int size;
    private final double step;
    private final double field;
    private final float[] hounsfield;
    private final byte[] tissue;

    /** A canvas of air for a picture of {@code pixels} x {@code pixels} that is {@code field} millimetres wide. */
    Canvas(int pixels, double field) {
        this.size = pixels * FINENESS;
        this.field = field;
        this.step = field / size;
        hounsfield = new float[size * size];
        tissue = new byte[size * size];
        Arrays.fill(hounsfield, -1000);
    }

    /**
     * A tissue with one value, from a depth down to the next layer.
     *
     * @param from millimetres below the shape's surface; negative reaches beyond the surface
     * @param value Hounsfield units
     */
    record Layer(double from, Tissue tissue, double value) {}

    /** Paints a shape with one value. */
    void paint(Shape shape, Tissue tissue, double value) {
        paint(shape, new Layer(0, tissue, value));
    }

    /** Paints a shape's layers, the outermost first. */
    void paint(Shape shape, Layer... layers) {
        Shape.Box box = shape.bounds().grown(Math.max(0, -layers[0].from));
        int x1 = index(box.right());
        int y1 = index(box.bottom());
        for (int y = index(box.top()); y <= y1; y++) {
            double py = (y + 0.5) * step - field / 2;
            for (int x = index(box.left()); x <= x1; x++) {
                double depth = shape.depth((x + 0.5) * step - field / 2, py);
                int k = layers.length - 1;
                while (k >= 0 && depth <= layers[k].from) {
                    k--;
                }
                if (k >= 0) {
                    hounsfield[y * size + x] = (float) layers[k].value;
                    tissue[y * size + x] = (byte) layers[k].tissue.label();
                }
            }
        }
    }

    /** Adds a smooth random field to the points, each scaled by its tissue's texture. */
    void texture(ValueNoise noise) {
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double amplitude = TISSUES[tissue[y * size + x]].texture;
                if (amplitude != 0) {
                    hounsfield[y * size + x] += (float) (amplitude * noise.at(x * step, y * step));
                }
            }
        }
    }

    private int index(double millimetres) {
        return Math.max(0, Math.min(size - 1, (int) Math.floor((millimetres + field / 2) / step)));
    }

    /** The mean Hounsfield units of each pixel, row by row. */
    float[] pixels() {
        int n = size / FINENESS;
        float[] out = new float[n * n];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                out[y / FINENESS * n + x / FINENESS] += hounsfield[y * size + x];
            }
        }
        for (int i = 0; i < out.length; i++) {
            out[i] /= FINENESS * FINENESS;
        }
        return out;
    }

    /** The tissue with most points in each pixel (the smallest label on a tie), row by row. */
    short[] labels() {
        int n = size / FINENESS;
        short[] out = new short[n * n];
        int[] votes = new int[TISSUES.length];
        for (int y = 0; y < n; y++) {
            for (int x = 0; x < n; x++) {
                Arrays.fill(votes, 0);
                for (int k = 0; k < FINENESS * FINENESS; k++) {
                    votes[tissue[(y * FINENESS + k / FINENESS) * size + x * FINENESS + k % FINENESS]]++;
                }
                int best = 0;
                for (int label = 1; label < votes.length; label++) {
                    best = votes[label] > votes[best] ? label : best;
                }
                out[y * n + x] = (short) best;
            }
        }
        return out;
    }
}
