package org.attunet.server;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;

/** Synthetic images for tests of the server. */
public final class Scans {
    private Scans() {}

    /** Bright blobs on a dark background, in which the model for nuclei finds something. */
    public static byte[] picture(String format, int width, int height, int seed) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(new Color(20, 20, 22));
        pen.fillRect(0, 0, width, height);
        var random = new Random(seed);
        for (int k = 0; k < 12; k++) {
            int grey = 140 + random.nextInt(80);
            pen.setColor(new Color(grey, grey, grey));
            pen.fillOval(
                    random.nextInt(width), random.nextInt(height), 18 + random.nextInt(10), 18 + random.nextInt(10));
        }
        pen.dispose();
        var bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, bytes)) {
                throw new IllegalArgumentException(format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A bright ellipsoid in noise, on a rotated grid with its own spacing. */
    public static Image volume(int seed) {
        int[] size = {30, 40, 26};
        double[][] affine = {{-1.1, 0, 0, 40}, {0, 0, 1.2, -20}, {0, 0.9, 0, 7}};
        Grid grid = Grid.ofAffine(size, affine);
        var random = new Random(seed);
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            double x = (i % size[0] - 15) / 8.0;
            double y = (i / size[0] % size[1] - 20) / 13.0;
            double z = (i / size[0] / size[1] - 13) / 7.0;
            values[i] = (float) (300 + 40 * random.nextGaussian() + (x * x + y * y + z * z < 1 ? 250 : 0));
        }
        return Image.of(grid, values);
    }

    /** The bytes of a volume as {@code .nii} or {@code .nii.gz}. */
    public static byte[] nifti(Image volume, String suffix) {
        try {
            Path file = Files.createTempFile("scan", suffix);
            Images.write(volume, file);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
