package org.attunet.phantom;

import java.util.function.DoubleUnaryOperator;

/**
 * A slice under construction, finer than the result: shapes are painted over each other, and averaging
 * {@link #FINENESS} x {@link #FINENESS} points per pixel gives the partial volume effect.
 */
final class Canvas {
    /** Points per pixel along each axis. */
    static final int FINENESS = 3;

    private final int size;
    private final double step;
    private final double field;
    private final float[] hounsfield;
    private final byte[] structure;

    /** A canvas of air for a picture of {@code pixels} x {@code pixels} that is {@code field} millimetres wide. */
    Canvas(int pixels, double field) {
        this.size = pixels * FINENESS;
        this.field = field;
        this.step = field / size;
        hounsfield = new float[size * size];
        structure = new byte[size * size];
        java.util.Arrays.fill(hounsfield, -1000);
    }

    /** Paints a shape with one value. */
    void paint(Shape shape, Structure what, double value) {
        paint(shape, 0, what, depth -> value);
    }

    /**
     * Paints the points that lie deeper than a limit below a shape's surface.
     *
     * @param from the limit in millimetres; negative reaches beyond the surface
     * @param valueAtDepth Hounsfield units for a depth in millimetres
     */
    void paint(Shape shape, double from, Structure what, DoubleUnaryOperator valueAtDepth) {
        Shape.Box box = shape.bounds().grown(Math.max(0, -from));
        int x0 = index(box.left());
        int x1 = index(box.right());
        int y1 = index(box.bottom());
        byte label = (byte) what.label();
        for (int y = index(box.top()); y <= y1; y++) {
            double py = (y + 0.5) * step - field / 2;
            for (int x = x0; x <= x1; x++) {
                double depth = shape.depth((x + 0.5) * step - field / 2, py);
                if (depth > from) {
                    hounsfield[y * size + x] = (float) valueAtDepth.applyAsDouble(depth);
                    structure[y * size + x] = label;
                }
            }
        }
    }

    /** What a shape is made of from a depth on, down to the next layer. */
    record Layer(double from, Structure what, double value) {}

    /** Paints a shape's layers, the outermost first, in one pass. */
    void paint(Shape shape, Layer... layers) {
        Shape.Box box = shape.bounds();
        int x0 = index(box.left());
        int x1 = index(box.right());
        int y1 = index(box.bottom());
        for (int y = index(box.top()); y <= y1; y++) {
            double py = (y + 0.5) * step - field / 2;
            for (int x = x0; x <= x1; x++) {
                double depth = shape.depth((x + 0.5) * step - field / 2, py);
                int k = layers.length - 1;
                while (k >= 0 && depth <= layers[k].from()) {
                    k--;
                }
                if (k >= 0) {
                    hounsfield[y * size + x] = (float) layers[k].value();
                    structure[y * size + x] = (byte) layers[k].what().label();
                }
            }
        }
    }

    /** Adds a smooth random field to the points of some structures, for texture inside organs. */
    void texture(ValueNoise noise, double[] amplitudeOfLabel) {
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double amplitude = amplitudeOfLabel[structure[y * size + x]];
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

    /** The structure that has most points of each pixel (the smallest label among equals), row by row. */
    short[] labels() {
        int n = size / FINENESS;
        short[] out = new short[n * n];
        int[] votes = new int[Structure.TABLE.label() + 1];
        for (int y = 0; y < n; y++) {
            for (int x = 0; x < n; x++) {
                java.util.Arrays.fill(votes, 0);
                for (int k = 0; k < FINENESS * FINENESS; k++) {
                    votes[structure[(y * FINENESS + k / FINENESS) * size + x * FINENESS + k % FINENESS]]++;
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
