package org.attunet.dicom.result;

import java.util.Arrays;
import org.attunet.dicom.series.Plane;
import org.jspecify.annotations.Nullable;

/**
 * A contour of a region of interest: a closed polygon in a plane.
 *
 * @param region the region's place in the file's order, from 1
 * @param image that it was drawn on; without an instance if the file doesn't say
 * @param points x, y and z of its corners in turn, in DICOM's coordinates
 */
record Contour(int region, ImageReference image, double[] points) {
    /** How far corners may lie from one plane, in mm: headers round positions. */
    private static final double FLAT = 0.1;

    /** The smallest and the largest distance of a corner from a plane, along its normal. */
    double[] distances(Plane plane) {
        double[] normal = plane.normal();
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < points.length; i += 3) {
            double distance = 0;
            for (int axis = 0; axis < 3; axis++) {
                distance += (points[i + axis] - plane.position()[axis]) * normal[axis];
            }
            least = Math.min(least, distance);
            most = Math.max(most, distance);
        }
        return new double[] {least, most};
    }

    /**
     * Returns where it lies along a plane's normal; null if it isn't parallel to the plane.
     *
     * @param gap the distance between planes
     */
    @Nullable
    Double depth(Plane plane, double gap) {
        double[] distances = distances(plane);
        return distances[1] - distances[0] <= Math.max(FLAT, gap / 10) ? (distances[0] + distances[1]) / 2 : null;
    }

    /** The corners in pixels of a plane: column and row, the centre of the first pixel being 0, 0. */
    double[] pixels(Plane plane) {
        double[] pixels = new double[points.length / 3 * 2];
        for (int i = 0; i < points.length / 3; i++) {
            double across = 0;
            double down = 0;
            for (int axis = 0; axis < 3; axis++) {
                double way = points[3 * i + axis] - plane.position()[axis];
                across += way * plane.across()[axis];
                down += way * plane.down()[axis];
            }
            pixels[2 * i] = across / plane.columnSpacing();
            pixels[2 * i + 1] = down / plane.rowSpacing();
        }
        return pixels;
    }

    @Override
    public String toString() {
        return "contour of region " + region + " at " + Arrays.toString(Arrays.copyOf(points, 3));
    }
}
