package org.attunet.io;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.io.PictureFile.Picture;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a {@link BufferedImage} as they are stored, without gamma and colour profile: those of fewer than 8 bits
 * are spread over 0 to 255, and colours that were multiplied by their alpha are divided by it.
 *
 * @param file for failures
 */
record DecodedPicture(Path file, BufferedImage image) {
    private static final int BYTE = 255;

    Picture picture() {
        ColorModel colours = image.getColorModel();
        Palette palette = colours instanceof IndexColorModel model ? Palette.of(model) : null;
        int bands = palette == null ? colours.getNumColorComponents() : 1;
        if (palette == null) {
            requireKnown(colours.getColorSpace().getType(), bands);
        }
        if (image.getRaster().getNumBands() < bands) {
            throw unsupported(
                    bands + " colour components in " + image.getRaster().getNumBands() + " bands");
        }
        float[][] samples = new float[bands][];
        for (int b = 0; b < bands; b++) {
            samples[b] = stored(b);
            if (palette == null) {
                spread(samples[b], colours.getComponentSize(b));
            }
        }
        if (palette != null) {
            requireInPalette(samples[0], palette);
        }
        float[] alpha = alpha(colours, bands, samples);
        if (alpha != null && palette == null && colours.isAlphaPremultiplied()) {
            divide(samples, alpha, most(colours, bands));
        }
        return new Picture(samples, palette, alpha);
    }

    private void requireKnown(int space, int bands) {
        boolean known = (space == ColorSpace.TYPE_GRAY && bands == 1) || (space == ColorSpace.TYPE_RGB && bands == 3);
        if (!known) {
            throw unsupported(
                    bands + " colour components" + (bands == 3 || bands == 1 ? " of another colour space" : ""));
        }
    }

    private AttunetException unsupported(String found) {
        return new AttunetException(file, found, "grey or RGB", "convert the picture to RGB");
    }

    private float[] stored(int band) {
        Raster raster = image.getRaster();
        return raster.getSamples(
                raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), band, (float[]) null);
    }

    private static void spread(float[] samples, int bits) {
        if (bits < 8) {
            int most = (1 << bits) - 1;
            for (int i = 0; i < samples.length; i++) {
                samples[i] = Math.round(samples[i] * BYTE / most);
            }
        }
    }

    private void requireInPalette(float[] numbers, Palette palette) {
        for (float number : numbers) {
            if (number < 0 || number >= palette.size()) {
                String found = "a pixel has the colour number " + (int) number + " of a palette of " + palette.size();
                throw new AttunetException(file, found, "numbers below the palette's size", "save the picture again");
            }
        }
    }

    private float @Nullable [] alpha(ColorModel colours, int bands, float[][] samples) {
        if (!colours.hasAlpha()) {
            return null;
        }
        if (colours instanceof IndexColorModel model) {
            float[] alpha = new float[samples[0].length];
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] = model.getAlpha((int) samples[0][i]);
            }
            return alpha;
        }
        return image.getRaster().getNumBands() == bands ? null : stored(bands);
    }

    /** The alpha of an opaque pixel. */
    private double most(ColorModel colours, int band) {
        int type = image.getRaster().getTransferType();
        boolean real = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        return real ? 1 : (1L << colours.getComponentSize(band)) - 1;
    }

    private static void divide(float[][] samples, float[] alpha, double opaque) {
        for (float[] channel : samples) {
            for (int i = 0; i < channel.length; i++) {
                double value = alpha[i] == 0 ? 0 : channel[i] * opaque / alpha[i];
                channel[i] = opaque == 1 ? (float) value : Math.round(value);
            }
        }
    }
}
