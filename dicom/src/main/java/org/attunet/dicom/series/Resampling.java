package org.attunet.dicom.series;

import org.attunet.image.Grid;
import org.attunet.image.VoxelLoop;

/**
 * Slices that lie unevenly, brought onto an even grid and back: linearly within each slice and between slices for values, by
 * the nearest pixel for labels.
 *
 * @param slices where they lie on the grid
 * @param columns pixels of a slice's row
 * @param rows pixels of a slice's column
 */
record Resampling(SliceGrid slices, int columns, int rows) {
    /**
     * Returns the values of the grid's voxels.
     *
     * @param pixels each slice's values, row by row; NaN where there are none
     * @param outside the value of voxels for which there are no pixels on both sides
     */
    float[] values(float[][] pixels, float outside) {
        Grid grid = slices.grid();
        float[] values = new float[grid.voxels()];
        int plane = grid.size(0) * grid.size(1);
        VoxelLoop.parallel(grid.size(2), plane, (from, to) -> {
            for (int z = from; z < to; z++) {
                int high = above(z);
                int low = Math.max(0, high - 1);
                double width = slices.depths()[high] - slices.depths()[low];
                double share = width > 0 ? (z - slices.depths()[low]) / width : 1;
                for (int k = 0; k < plane; k++) {
                    int x = k % grid.size(0);
                    int y = grid.size(1) - 1 - k / grid.size(0);
                    double value = blend(sample(pixels, low, x, y), sample(pixels, high, x, y), share);
                    values[z * plane + k] = Double.isNaN(value) ? outside : (float) value;
                }
            }
        });
        return values;
    }

    /** The first slice at a depth or above it. */
    private int above(int z) {
        double[] depths = slices.depths();
        int k = 0;
        while (k < depths.length - 1 && depths[k] < z - 1e-6) {
            k++;
        }
        return k;
    }

    /** A share of the second value and the rest of the first; a value of which nothing is taken doesn't matter. */
    private static double blend(double first, double second, double share) {
        return share <= 1e-6 ? first : share >= 1 - 1e-6 ? second : first * (1 - share) + second * share;
    }

    /** A slice's value at a column and a row of the grid, rows counted as in slices. */
    private double sample(float[][] pixels, int slice, int x, int y) {
        double column = x - slices.shifts()[slice][0];
        double row = y - slices.shifts()[slice][1];
        int left = (int) Math.floor(column + 1e-6);
        int top = (int) Math.floor(row + 1e-6);
        double right = column - left;
        double down = row - top;
        double upper = blend(at(pixels[slice], left, top), at(pixels[slice], left + 1, top), right);
        double lower = blend(at(pixels[slice], left, top + 1), at(pixels[slice], left + 1, top + 1), right);
        return blend(upper, lower, down);
    }

    private float at(float[] pixels, int column, int row) {
        boolean within = column >= 0 && column < columns && row >= 0 && row < rows;
        return within ? pixels[row * columns + column] : Float.NaN;
    }

    /** Returns the voxel at each pixel of a slice, row by row; -1 for pixels that lie outside the grid. */
    int[] voxels(int slice) {
        Grid grid = slices.grid();
        int z = (int) Math.max(0, Math.min(grid.size(2) - 1, Math.round(slices.depths()[slice])));
        int aside = (int) Math.round(slices.shifts()[slice][0]);
        int below = (int) Math.round(slices.shifts()[slice][1]);
        int[] voxels = new int[columns * rows];
        for (int k = 0; k < voxels.length; k++) {
            int x = k % columns + aside;
            int y = slices.row(k / columns + below);
            boolean within = x >= 0 && x < grid.size(0) && y >= 0 && y < grid.size(1);
            voxels[k] = within ? (z * grid.size(1) + y) * grid.size(0) + x : -1;
        }
        return voxels;
    }

    /** Returns the slice that is nearest to a plane of the grid. */
    int nearest(int z) {
        double[] depths = slices.depths();
        int nearest = 0;
        for (int k = 1; k < depths.length; k++) {
            if (Math.abs(depths[k] - z) < Math.abs(depths[nearest] - z)) {
                nearest = k;
            }
        }
        return nearest;
    }

    /** Returns the pixel of a slice at each voxel of a plane of the grid; -1 for voxels that lie outside the slice. */
    int[] pixels(int slice) {
        Grid grid = slices.grid();
        int aside = (int) Math.round(slices.shifts()[slice][0]);
        int below = (int) Math.round(slices.shifts()[slice][1]);
        int[] pixels = new int[grid.size(0) * grid.size(1)];
        for (int k = 0; k < pixels.length; k++) {
            int x = k % grid.size(0) - aside;
            int y = slices.row(k / grid.size(0)) - below;
            pixels[k] = x >= 0 && x < columns && y >= 0 && y < rows ? y * columns + x : -1;
        }
        return pixels;
    }
}
