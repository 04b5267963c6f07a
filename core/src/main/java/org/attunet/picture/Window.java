package org.attunet.picture;

import java.util.Arrays;
import org.attunet.error.ConfigException;
import org.attunet.image.Image;

/**
 * The range of intensities from black to white.
 *
 * @param low shown black, as is everything below
 * @param high shown white, as is everything above
 */
public record Window(double low, double high) {
    /** The usual window for soft tissue in CT: level 40, width 400 Hounsfield units. */
    public static final Window SOFT_TISSUE = new Window(-160, 240);

    private static final int SAMPLES = 200_000;

    /**
     * Checks the order.
     *
     * @param low shown black, as is everything below
     * @param high shown white, as is everything above
     */
    public Window {
        boolean range = low < high && !Double.isInfinite(low) && !Double.isInfinite(high);
        ConfigException.check(range, "window", low + " to " + high, "two numbers, the lower one first");
    }

    /**
     * {@return the window for an image's first channel: soft tissue if the values look like Hounsfield units of a slice
     * with air, otherwise from the 0.5th to the 99.5th percentile}
     *
     * @param image the image
     */
    public static Window of(Image image) {
        float[] sample = sample(image.channel(0));
        int last = sample.length - 1;
        double low = sample[(int) Math.round(0.005 * last)];
        double high = sample[(int) Math.round(0.995 * last)];
        if (low <= -500 && sample[0] >= -3100 && high > -100 && high < 3100) {
            return SOFT_TISSUE; // values below -1024 fill the area outside the scanner's field
        }
        if (low < high) {
            return new Window(low, high);
        }
        return sample[0] < sample[last] ? new Window(sample[0], sample[last]) : new Window(low - 0.5, low + 0.5);
    }

    /**
     * {@return the window of a colour image, one for all channels so that hues stay: the whole range of 0..1, 0..255 or
     * 0..65535, or the used part if that is less than half, as often in fluorescence microscopy}
     *
     * @param image of 3 channels
     */
    public static Window ofColour(Image image) {
        double bright = 0;
        double max = 0;
        for (float[] channel : image.channels()) {
            float[] sample = sample(channel);
            bright = Math.max(bright, sample[(int) Math.round(0.999 * (sample.length - 1))]);
            max = Math.max(max, sample[sample.length - 1]);
        }
        double range = max <= 1 ? 1 : max <= 255 ? 255 : 65535;
        return new Window(0, bright > 0 && bright < range / 2 ? bright : range);
    }

    /** Returns evenly spaced values of a channel, ascending. */
    private static float[] sample(float[] values) {
        int stride = Math.max(1, values.length / SAMPLES);
        float[] sample = new float[(values.length + stride - 1) / stride];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = values[i * stride];
        }
        Arrays.sort(sample);
        return sample;
    }

    /**
     * {@return the grey level of an intensity, 0 (black) to 255 (white)}
     *
     * @param value the intensity
     */
    public int grey(double value) {
        return (int) Math.round(255 * Math.max(0, Math.min(1, (value - low) / (high - low))));
    }
}
