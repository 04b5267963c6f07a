package org.attunet.imagej;

import ij.ImagePlus;
import ij.gui.ImageRoi;
import ij.gui.Roi;
import ij.process.LUT;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Image;
import org.attunet.picture.HeatColours;

/**
 * Maps of an attention gate as translucent pictures over an image: the mean over the gate's maps, from its least value,
 * transparent and dark, to its greatest, bright.
 */
final class Heat {
    private static final double OPACITY = 0.6;

    private Heat() {}

    /** The colours for pixels from the least value to the greatest. */
    static LUT table() {
        byte[][] table = new byte[3][256];
        for (int i = 0; i < 256; i++) {
            for (int c = 0; c < 3; c++) {
                table[c][i] = (byte) (HeatColours.of(i / 255.0) >> (16 - 8 * c));
            }
        }
        return new LUT(table[0], table[1], table[2]);
    }

    /**
     * Makes one picture for each plane.
     *
     * @param frames one gate's maps
     */
    static List<Roi> over(ImagePlus image, List<Image> frames) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        List<float[]> means = frames.stream().map(Heat::mean).toList();
        for (float[] mean : means) {
            for (float value : mean) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        List<Roi> pictures = new ArrayList<>();
        for (int frame = 1; frame <= means.size(); frame++) {
            for (int slice = 1; slice <= image.getNSlices(); slice++) {
                var roi = new ImageRoi(0, 0, picture(image, means.get(frame - 1), slice, low, high));
                roi.setProperty(LabelRois.PROPERTY, "attention");
                new Position(slice, frame).applyTo(roi, image);
                pictures.add(roi);
            }
        }
        return pictures;
    }

    private static float[] mean(Image maps) {
        float[] mean = new float[maps.grid().voxels()];
        for (float[] channel : maps.channels()) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += channel[i] / maps.channels().length;
            }
        }
        return mean;
    }

    private static BufferedImage picture(ImagePlus image, float[] values, int slice, double low, double high) {
        int width = image.getWidth();
        int height = image.getHeight();
        var picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double share = high > low ? (values[((slice - 1) * height + y) * width + x] - low) / (high - low) : 0;
                int opacity = (int) Math.round(255 * OPACITY * share);
                row[x] = opacity << 24 | HeatColours.of(share);
            }
            picture.setRGB(0, y, width, 1, row, 0, width);
        }
        return picture;
    }
}
