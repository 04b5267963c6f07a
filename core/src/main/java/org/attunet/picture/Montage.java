package org.attunet.picture;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Slices of a volume side by side, with the labels in colours over them: at most {@value #MOST}, evenly spread over those that
 * hold a label, or over all if none does. Small ones are enlarged, each pixel to a square.
 */
public final class Montage {
    private static final int MOST = 12;
    private static final int COLUMNS = 4;
    private static final int SIDE = 192;
    private static final int Z = 2;

    private Montage() {}

    /**
     * Draws slices across z, the lowest first.
     *
     * @param image a volume
     * @param labels on its grid
     * @param upright whether the axes are the body's, RAS+: slices are then turned as radiologists see them, the front at the
     *     top and the patient's right on the left
     * @return {@link BufferedImage#TYPE_INT_RGB}
     */
    public static BufferedImage of(Image image, LabelMap labels, boolean upright) {
        Grid grid = image.grid();
        int[] slices = slices(labels);
        int columns = Math.min(COLUMNS, slices.length);
        int rows = (slices.length + columns - 1) / columns;
        int scale = Math.max(1, SIDE / Math.max(grid.size(0), grid.size(1)));
        int width = scale * grid.size(0);
        int height = scale * grid.size(1);
        var montage = new BufferedImage(columns * width, rows * height, BufferedImage.TYPE_INT_RGB);
        Window window = image.channels().length == 3 ? Window.ofColour(image) : Window.of(image);
        Graphics2D graphics = montage.createGraphics();
        try {
            for (int k = 0; k < slices.length; k++) {
                BufferedImage one = Pictures.overlay(image.slice(Z, slices[k]), labels.slice(Z, slices[k]), window);
                int x = k % columns * width;
                int y = k / columns * height;
                if (upright) {
                    graphics.drawImage(one, x + width, y + height, -width, -height, null);
                } else {
                    graphics.drawImage(one, x, y, width, height, null);
                }
            }
        } finally {
            graphics.dispose();
        }
        return montage;
    }

    /** The numbers of the slices that are drawn. */
    static int[] slices(LabelMap labels) {
        Grid grid = labels.grid();
        int plane = grid.size(0) * grid.size(1);
        int low = 0;
        int high = grid.size(Z) - 1;
        while (low < high && isEmpty(labels, low, plane)) {
            low++;
        }
        if (isEmpty(labels, low, plane)) {
            low = 0;
        } else {
            while (isEmpty(labels, high, plane)) {
                high--;
            }
        }
        int count = Math.min(MOST, high - low + 1);
        int[] slices = new int[count];
        for (int k = 0; k < count; k++) {
            slices[k] = low + (int) ((k + 0.5) * (high - low + 1) / count);
        }
        return slices;
    }

    private static boolean isEmpty(LabelMap labels, int slice, int plane) {
        for (int i = slice * plane; i < (slice + 1) * plane; i++) {
            if (labels.voxels()[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
