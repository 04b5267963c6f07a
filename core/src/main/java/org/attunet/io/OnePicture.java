package org.attunet.io;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** The first picture of a PNG, JPEG or BMP file. */
final class OnePicture implements Pictures {
    private static final int MOST_CHANNELS = 3;

    private final Path file;
    private final ExifOrientation orientation;
    private final ImageReader reader;
    private final ImageInputStream stream;
    private final int width;
    private final int height;
    private @Nullable String damage;

    /** Opens a file; refuses one whose structure is damaged, as far as that shows without decoding. */
    OnePicture(Path file, RasterFormat format) throws IOException {
        this.file = file;
        this.orientation = switch (format) {
            case PNG -> ExifOrientation.of(file, PngIntegrity.check(file));
            case JPEG -> ExifOrientation.of(file, JpegIntegrity.check(file));
            default -> {
                BmpIntegrity.check(file);
                yield ExifOrientation.AS_STORED;
            }
        };
        this.reader = format.reader();
        this.stream = format == RasterFormat.JPEG ? JpegIntegrity.withoutProfile(file) : FileInput.picture(file);
        try {
            reader.setInput(stream, false, true);
            // The JPEG decoder fills missing pixels with grey and only warns.
            reader.addIIOReadWarningListener((source, warning) -> damage = TiffPictures.damage(warning, damage));
            this.width = reader.getWidth(0);
            this.height = reader.getHeight(0);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public int width() {
        return orientation.swapsAxes() ? height : width;
    }

    @Override
    public int height() {
        return orientation.swapsAxes() ? width : height;
    }

    @Override
    public int slices() {
        return 1;
    }

    @Override
    public int channels() {
        return MOST_CHANNELS;
    }

    @Override
    public Picture slice(int index) throws IOException {
        BufferedImage image = reader.read(0);
        if (damage != null) {
            throw FileErrors.damaged(file, "its picture is damaged (" + damage + ")", "an undamaged file");
        }
        ColorModel colours = image.getColorModel();
        Palette palette = colours instanceof IndexColorModel model ? Palette.of(model) : null;
        int bands = palette == null ? colours.getNumColorComponents() : 1;
        Raster raster = image.getRaster();
        if ((bands != 1 && bands != 3) || raster.getNumBands() < bands) {
            throw new AttunetException(file, bands + " colour components", "grey or RGB", "convert the picture to RGB");
        }
        float[][] samples = new float[bands][];
        for (int b = 0; b < bands; b++) {
            float[] stored = raster.getSamples(0, 0, width, height, b, (float[]) null);
            samples[b] = orientation.upright(stored, width, height);
        }
        return new Picture(samples, palette, alpha(colours, raster, bands, samples));
    }

    private float @Nullable [] alpha(ColorModel colours, Raster raster, int bands, float[][] samples) {
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
        return raster.getNumBands() == bands
                ? null
                : orientation.upright(raster.getSamples(0, 0, width, height, bands, (float[]) null), width, height);
    }

    @Override
    public void close() throws IOException {
        reader.dispose();
        stream.close();
    }
}
