package org.attunet.io;

import java.awt.image.IndexColorModel;
import java.util.Arrays;

/**
 * The colours that a picture's samples number.
 *
 * @param rgb red, green and blue of each colour, 0 to 255
 */
record Palette(int[][] rgb) {
    static Palette of(IndexColorModel model) {
        int[][] rgb = new int[3][model.getMapSize()];
        for (int i = 0; i < model.getMapSize(); i++) {
            rgb[0][i] = model.getRed(i);
            rgb[1][i] = model.getGreen(i);
            rgb[2][i] = model.getBlue(i);
        }
        return new Palette(rgb);
    }

    /** The palette of a TIFF file: all reds, then greens and blues, of 16 bits; some writers use only the lower 8. */
    static Palette of(long[] colourMap) {
        int count = colourMap.length / 3;
        int shift = Arrays.stream(colourMap).anyMatch(value -> value > 255) ? 8 : 0;
        int[][] rgb = new int[3][count];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < count; i++) {
                rgb[c][i] = (int) (colourMap[c * count + i] >> shift);
            }
        }
        return new Palette(rgb);
    }

    int size() {
        return rgb[0].length;
    }

    boolean isGrey() {
        return Arrays.equals(rgb[0], rgb[1]) && Arrays.equals(rgb[0], rgb[2]);
    }

    /** One colour component (0 to 2) of samples. */
    float[] component(float[] indices, int channel) {
        float[] values = new float[indices.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = rgb[channel][(int) indices[i]];
        }
        return values;
    }
}
