package org.attunet.picture;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Draws images and masks as {@link BufferedImage}s of one pixel per voxel. Of a volume, take a slice first: {@link
 * Image#slice}, {@link LabelMap#slice}. {@link org.attunet.io.Images#of(BufferedImage)} is the way back.
 *
 * <p>Thread-safe; needs no display.
 */
public final class Pictures {
    private static final double INSIDE = 0.4;
    private static final int MOST_INDEXED = 255;

    private Pictures() {}

    /**
     * Draws intensities as they are, rounded and clamped to 0..255.
     *
     * @param image in 2D, of 1 channel (grey) or 3 (red, green, blue)
     * @return 8-bit grey or {@link BufferedImage#TYPE_3BYTE_BGR}
     * @throws AttunetException if it is a volume or has another number of channels
     */
    public static BufferedImage of(Image image) {
        int channels = image.channels().length;
        if (channels != 1 && channels != 3) {
            throw new AttunetException("picture", channels + " channels", "1 or 3 channels", "draw one channel");
        }
        int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
        BufferedImage picture = blank(image.grid(), type);
        for (int c = 0; c < channels; c++) {
            float[] values = image.channel(c);
            setSamples(picture, c, i -> Math.max(0, Math.min(255, Math.round(values[i]))));
        }
        return picture;
    }

    /**
     * Draws intensities with a window.
     *
     * @param image in 2D; 3 channels are red, green and blue, of others the first is drawn in grey
     * @param window the intensities from black to white, such as {@link Window#of}
     * @return {@link BufferedImage#TYPE_INT_RGB}
     * @throws AttunetException if it is a volume
     */
    public static BufferedImage of(Image image, Window window) {
        Objects.requireNonNull(window, "the window must not be null");
        BufferedImage picture = blank(image.grid(), BufferedImage.TYPE_INT_RGB);
        int last = image.channels().length == 3 ? 2 : 0;
        for (int c = 0; c < 3; c++) {
            float[] values = image.channel(Math.min(c, last));
            setSamples(picture, c, i -> window.grey(values[i]));
        }
        return picture;
    }

    /**
     * Draws a mask whose grey values are the labels.
     *
     * @param labels in 2D
     * @return 8-bit grey, or 16-bit grey if a label is above 255
     * @throws AttunetException if it is a volume
     */
    public static BufferedImage grey(LabelMap labels) {
        boolean wide = labels.largest() > MOST_INDEXED;
        BufferedImage picture =
                blank(labels.grid(), wide ? BufferedImage.TYPE_USHORT_GRAY : BufferedImage.TYPE_BYTE_GRAY);
        setSamples(picture, 0, labels::label);
        return picture;
    }

    /**
     * Draws a mask in the labels' colours; the number of a pixel's colour is its label, also in a PNG file.
     *
     * @param labels in 2D, up to 255
     * @return {@link BufferedImage#TYPE_BYTE_INDEXED} with {@link LabelColours}
     * @throws AttunetException if it is a volume or has a label above 255
     */
    public static BufferedImage mask(LabelMap labels) {
        if (Objects.requireNonNull(labels, "the mask must not be null").largest() > MOST_INDEXED) {
            String found = "the label " + labels.largest();
            throw new AttunetException("mask", found, "labels up to 255 for a palette", "draw it in grey");
        }
        Grid grid = plane(labels.grid());
        var picture =
                new BufferedImage(grid.size(0), grid.size(1), BufferedImage.TYPE_BYTE_INDEXED, LabelColours.palette());
        setSamples(picture, 0, labels::label);
        return picture;
    }

    /**
     * Draws an image with its labels in colours, in the window that {@link Window#of} chooses for it.
     *
     * @param image in 2D
     * @param labels of the same size
     * @return {@link BufferedImage#TYPE_INT_RGB}
     * @throws AttunetException if they are volumes or of different sizes
     */
    public static BufferedImage overlay(Image image, LabelMap labels) {
        boolean colour =
                Objects.requireNonNull(image, "the image must not be null").channels().length == 3;
        return overlay(image, labels, colour ? Window.ofColour(image) : Window.of(image));
    }

    /**
     * Draws an image with its labels in colours, translucent inside and opaque at their borders.
     *
     * @param image in 2D; 3 channels are red, green and blue, of others the first is drawn in grey
     * @param labels of the same size
     * @param window the intensities from black to white; one for all slices of a volume makes them comparable
     * @return {@link BufferedImage#TYPE_INT_RGB}
     * @throws AttunetException if they are volumes or of different sizes
     */
    public static BufferedImage overlay(Image image, LabelMap labels, Window window) {
        if (!Arrays.equals(image.grid().size(), labels.grid().size())) {
            throw new AttunetException(
                    "mask", "it has " + labels.grid(), "the image's " + image.grid(), "give the mask of this image");
        }
        BufferedImage picture = of(image, window);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int label = labels.label(y * picture.getWidth() + x);
                if (label != 0) {
                    double share = isBorder(labels, x, y) ? 1 : INSIDE;
                    picture.setRGB(x, y, HeatColours.mix(picture.getRGB(x, y), LabelColours.of(label), share));
                }
            }
        }
        return picture;
    }

    /** Whether a pixel lies at the edge of the picture or beside one of another label. */
    private static boolean isBorder(LabelMap labels, int x, int y) {
        int width = labels.grid().size(0);
        int height = labels.grid().size(1);
        short[] voxels = labels.voxels();
        int at = y * width + x;
        return x == 0
                || y == 0
                || x == width - 1
                || y == height - 1
                || voxels[at - 1] != voxels[at]
                || voxels[at + 1] != voxels[at]
                || voxels[at - width] != voxels[at]
                || voxels[at + width] != voxels[at];
    }

    private interface Samples {
        int at(int index);
    }

    private static void setSamples(BufferedImage picture, int band, Samples samples) {
        WritableRaster raster = picture.getRaster();
        int[] row = new int[raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            for (int x = 0; x < row.length; x++) {
                row[x] = samples.at(y * row.length + x);
            }
            raster.setSamples(0, y, row.length, 1, band, row);
        }
    }

    private static BufferedImage blank(Grid grid, int type) {
        Grid plane = plane(grid);
        return new BufferedImage(plane.size(0), plane.size(1), type);
    }

    private static Grid plane(Grid grid) {
        if (grid.dimension() != 2) {
            throw new AttunetException(
                    "picture", "a volume, " + grid, "a 2D image", "draw slices of it, such as slice(2, 0)");
        }
        return grid;
    }
}
