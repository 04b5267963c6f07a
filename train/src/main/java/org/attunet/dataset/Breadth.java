package org.attunet.dataset;

import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * How broad the areas of a label are in a picture: 4 times their area by the length of their outlines along the pixels'
 * edges. It is the side of a square, 0.79 diameters of a disc, and twice the width of a line however long and branched that is.
 */
final class Breadth {
    private Breadth() {}

    /**
     * {@return the breadth of each class in mm, or in pixels of images without a physical size; 0 for the background, for
     * classes without a pixel and in volumes}
     *
     * @param classOfValue the class of each label value
     * @param classes the background included
     */
    static double[] of(LabelMap mask, int[] classOfValue, int classes) {
        double[] breadths = new double[classes];
        Grid grid = mask.grid();
        if (grid.dimension() != 2) {
            return breadths;
        }
        int width = grid.size(0);
        int height = grid.size(1);
        long[] area = new long[classes];
        double[] outline = new double[classes];
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i++) {
                int own = classOfValue[mask.label(i)];
                if (own == 0) {
                    continue;
                }
                area[own]++;
                boolean left = x == 0 || classOfValue[mask.label(i - 1)] != own;
                boolean right = x == width - 1 || classOfValue[mask.label(i + 1)] != own;
                boolean above = y == 0 || classOfValue[mask.label(i - width)] != own;
                boolean below = y == height - 1 || classOfValue[mask.label(i + width)] != own;
                outline[own] += grid.spacing(1) * ((left ? 1 : 0) + (right ? 1 : 0));
                outline[own] += grid.spacing(0) * ((above ? 1 : 0) + (below ? 1 : 0));
            }
        }
        for (int k = 1; k < classes; k++) {
            breadths[k] = area[k] == 0 ? 0 : 4 * area[k] * grid.spacing(0) * grid.spacing(1) / outline[k];
        }
        return breadths;
    }
}
