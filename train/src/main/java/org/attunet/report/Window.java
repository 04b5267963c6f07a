package org.attunet.report;

import java.util.Arrays;
import org.attunet.error.ConfigException;
import org.attunet.image.Image;

/**
 * The intensities that are shown from black to white.
 *
 * @param low what is black, and all below it
 * @param high what is white, and all above it
 */
public record Window(double low, double high) {
    /** The usual window for soft tissue in CT: level 40, width 400 Hounsfield units. */
    public static final Window SOFT_TISSUE = new Window(-160, 240);

    private static final int SAMPLES = 200_000;

    /** Checks the order. */
    public Window {
        if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new ConfigException("window", low + " to " + high, "two numbers, the lower one first");
        }
    }

    /**
     * The window that suits an image's first channel: soft tissue where the values look like Hounsfield units of a
     * slice with air in it, else from the 0.5th to the 99.5th percentile.
     */
    public static Window of(Image image) {
        float[] sample = sample(image.channel(0));
        int last = sample.length - 1;
        double low = sample[(int) Math.round(0.005 * last)];
        double high = sample[(int) Math.round(0.995 * last)];
        if (low <= -500 && sample[0] >= -3100 && high > -100 && high < 3100) {
            return SOFT_TISSUE; // fill values below -1024 mark what lies outside the scanner's field
        }
        if (low < high) {
            return new Window(low, high);
        }
        return sample[0] < sample[last] ? new Window(sample[0], sample[last]) : new Window(low - 0.5, low + 0.5);
    }

    /**
     * The window of a colour image, one for all channels so that colours keep their hue: the whole range of 0..1, 0..255
     * or 0..65535, but of images that use less than half of it, as fluorescence microscopy often does, the part used.
     */
    static Window ofColour(Image image) {
        double bright = 0;
        double most = 0;
        for (float[] channel : image.channels()) {
            float[] sample = sample(channel);
            bright = Math.max(bright, sample[(int) Math.round(0.999 * (sample.length - 1))]);
            most = Math.max(most, sample[sample.length - 1]);
        }
        double range = most <= 1 ? 1 : most <= 255 ? 255 : 65535;
        return new Window(0, bright > 0 && bright < range / 2 ? bright : range);
    }

    /** Values from all over a channel, ascending. */
    private static float[] sample(float[] values) {
        int stride = Math.max(1, values.length / SAMPLES);
        float[] sample = new float[(values.length + stride - 1) / stride];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = values[i * stride];
        }
        Arrays.sort(sample);
        return sample;
    }

    /** 0 (black) to 255 (white). */
    int grey(double value) {
        return (int) Math.round(255 * Math.max(0, Math.min(1, (value - low) / (high - low))));
    }
}
