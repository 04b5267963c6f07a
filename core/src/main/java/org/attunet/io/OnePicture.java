package org.attunet.io;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/** The first picture of a PNG, JPEG or BMP file. */
final class OnePicture implements PictureFile {
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
        Picture stored = new DecodedPicture(file, image).picture();
        float[][] samples = new float[stored.samples().length][];
        Arrays.setAll(samples, band -> orientation.upright(stored.samples()[band], width, height));
        float[] alpha = stored.alpha();
        return new Picture(samples, stored.palette(), alpha == null ? null : orientation.upright(alpha, width, height));
    }

    @Override
    public void close() throws IOException {
        reader.dispose();
        stream.close();
    }
}
