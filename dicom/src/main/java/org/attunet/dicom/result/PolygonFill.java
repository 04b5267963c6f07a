package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/** Which pixels lie within polygons: those with their centres inside an odd number of them, so that one in another is a hole. */
final class PolygonFill {
    private final int columns;
    private final int rows;
    private final List<double[]> polygons = new ArrayList<>();

    PolygonFill(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
    }

    /**
     * Adds a polygon.
     *
     * @param corners column and row of each in turn, the centre of the first pixel being 0, 0
     */
    void add(double[] corners) {
        polygons.add(corners);
    }

    /** Passes on the pixels, row by row: row x columns + column. */
    void pixels(IntConsumer inside) {
        double[][] crossings = new double[rows][0];
        int[] counts = new int[rows];
        for (double[] corners : polygons) {
            int last = corners.length - 2;
            for (int i = 0; i < corners.length; last = i, i += 2) {
                cross(corners[last], corners[last + 1], corners[i], corners[i + 1], crossings, counts);
            }
        }
        for (int row = 0; row < rows; row++) {
            double[] at = Arrays.copyOf(crossings[row], counts[row]);
            Arrays.sort(at);
            for (int k = 0; k + 1 < at.length; k += 2) {
                int from = (int) Math.max(0, Math.ceil(at[k]));
                int to = (int) Math.min(columns, Math.ceil(at[k + 1]));
                for (int column = from; column < to; column++) {
                    inside.accept(row * columns + column);
                }
            }
        }
    }

    /** Notes where a side crosses the middles of rows. */
    private void cross(double x1, double y1, double x2, double y2, double[][] crossings, int[] counts) {
        double upper = Math.min(y1, y2);
        double lower = Math.max(y1, y2);
        int from = (int) Math.max(0, Math.ceil(upper));
        int to = (int) Math.min(rows, Math.ceil(lower));
        for (int row = from; row < to; row++) {
            double x = x1 + (row - y1) / (y2 - y1) * (x2 - x1);
            if (counts[row] == crossings[row].length) {
                crossings[row] = Arrays.copyOf(crossings[row], Math.max(8, 2 * counts[row]));
            }
            crossings[row][counts[row]++] = x;
        }
    }
}
