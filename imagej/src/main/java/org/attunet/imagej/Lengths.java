package org.attunet.imagej;

import ij.measure.Calibration;
import java.util.Arrays;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;

/**
 * The lengths of an ImageJ image: what its calibration says, in its own unit and in those of core. A unit that isn't one of
 * length ("pixel") gives no physical size.
 */
final class Lengths {
    private final double[] sides; // of a voxel, in the units
    private final String[] units; // of x, y and z
    private final double @Nullable [] millimetres; // of the sides; null without a physical size

    Lengths(Calibration calibration) {
        sides = new double[] {calibration.pixelWidth, calibration.pixelHeight, calibration.pixelDepth};
        units = new String[] {calibration.getUnit(), calibration.getYUnit(), calibration.getZUnit()};
        double[] all = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            PixelSize size = PixelSize.of(sides[axis], sides[axis], sides[axis], units[axis]);
            all[axis] = size == null ? Double.NaN : size.unit().toMillimetres(size.x());
        }
        millimetres = Arrays.stream(all).anyMatch(Double::isNaN) ? null : all;
    }

    /** The grid of a plane or, with several slices, a volume. */
    Grid grid(int width, int height, int slices) {
        int[] size = slices == 1 ? new int[] {width, height} : new int[] {width, height, slices};
        PixelSize one = PixelSize.of(sides[0], sides[1], sides[2], units[0]);
        boolean sameUnits = units[0].equals(units[1]) && units[0].equals(units[2]);
        if (millimetres == null) {
            return Grid.ofPixels(size);
        }
        return one != null && sameUnits
                ? Grid.of(size, Arrays.copyOf(new double[] {one.x(), one.y(), one.z()}, size.length), one.unit())
                : Grid.of(size, Arrays.copyOf(millimetres, size.length));
    }

    /**
     * The grid for distances. It measures in mm, or in the image's own unit if that is unknown.
     */
    Grid measuring(int width, int height, int slices) {
        int[] size = slices == 1 ? new int[] {width, height} : new int[] {width, height, slices};
        return millimetres == null
                ? Grid.of(size, Arrays.copyOf(sides, size.length), LengthUnit.PIXEL)
                : Grid.of(size, Arrays.copyOf(millimetres, size.length));
    }

    /** A length of {@link #measuring} in the image's unit. */
    double fromMeasured(double length) {
        return millimetres == null ? length : length / millimetres[0] * sides[0];
    }

    /** The unit of lengths along x. */
    String unit() {
        return units[0];
    }

    /** The area (2 axes) or volume (3 axes) of a pixel or voxel, in {@link #unit(int)}. */
    double voxel(int axes) {
        double product = 1;
        for (int axis = 0; axis < axes; axis++) {
            product *= Math.abs(sides[axis]);
        }
        return product;
    }

    /** The unit of areas (2 axes) or volumes (3 axes), such as {@code µm²}. */
    String unit(int axes) {
        boolean same = Arrays.stream(units, 0, axes).allMatch(units[0]::equals);
        return same ? units[0] + (axes == 2 ? "²" : "³") : String.join("·", Arrays.copyOf(units, axes));
    }
}
