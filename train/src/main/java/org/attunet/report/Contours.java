package org.attunet.report;

import java.awt.geom.Path2D;
import java.util.TreeSet;
import org.attunet.image.LabelMap;

/**
 * Outlines of a mask's labels in a slice, by marching squares: lines run halfway between the centres of a voxel with the label
 * and a neighbour without it. Outlines are closed, since nothing beyond the slice has a label.
 */
final class Contours {
    /** For each case, the edges joined by a line: 0 top, 1 right, 2 bottom, 3 left; cases 5 and 10 have two lines. */
    private static final int[][] LINES = {
        {}, {3, 2}, {2, 1}, {3, 1}, {0, 1}, {0, 3, 2, 1}, {0, 2}, {0, 3},
        {0, 3}, {0, 2}, {0, 1, 3, 2}, {0, 1}, {3, 1}, {2, 1}, {3, 2}, {}
    };

    private static final double[][] MIDDLE = {{0.5, 0}, {1, 0.5}, {0.5, 1}, {0, 0.5}};

    private Contours() {}

    /** Returns the outlines of all labels in units of the picture's voxels, the first of which has its centre at (0.5, 0.5). */
    static Path2D of(LabelMap mask, SlicePlane plane) {
        int[] labels = new int[(plane.width() + 2) * (plane.height() + 2)];
        var present = new TreeSet<Integer>();
        int width = plane.width() + 2;
        for (int y = 0; y < plane.height(); y++) {
            for (int x = 0; x < plane.width(); x++) {
                int label = mask.label(plane.voxel(x, y));
                labels[(y + 1) * width + x + 1] = label;
                if (label != 0) {
                    present.add(label);
                }
            }
        }
        Path2D path = new Path2D.Double();
        for (int label : present) {
            trace(labels, width, label, path);
        }
        return path;
    }

    private static void trace(int[] labels, int width, int label, Path2D path) {
        int height = labels.length / width;
        for (int y = 0; y + 1 < height; y++) {
            for (int x = 0; x + 1 < width; x++) {
                int i = y * width + x;
                int square = (labels[i] == label ? 8 : 0)
                        | (labels[i + 1] == label ? 4 : 0)
                        | (labels[i + width + 1] == label ? 2 : 0)
                        | (labels[i + width] == label ? 1 : 0);
                int[] lines = LINES[square];
                for (int k = 0; k < lines.length; k += 2) {
                    // The padded voxel (x, y) has its centre at (x - 0.5, y - 0.5) in the picture.
                    path.moveTo(x - 0.5 + MIDDLE[lines[k]][0], y - 0.5 + MIDDLE[lines[k]][1]);
                    path.lineTo(x - 0.5 + MIDDLE[lines[k + 1]][0], y - 0.5 + MIDDLE[lines[k + 1]][1]);
                }
            }
        }
    }
}
