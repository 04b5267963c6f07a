package org.attunet.report;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of a grid that a picture shows, and its orientation.
 *
 * <p>Of a volume it is an axial slice, or, if the thickest voxels are more than twice as thick as thin, one across them.
 * Orientation is radiological: the patient's right on the left, front on top; of coronal and sagittal slices the head on top.
 * 2D images are shown as they are stored.
 *
 * @param across the axis across the slice
 * @param slice the slice's position on that axis
 * @param columns the picture's columns, from left to right
 * @param rows the picture's rows, from top to bottom
 */
record SlicePlane(Grid grid, int across, int slice, Side columns, Side rows) {
    /**
     * One side of the picture.
     *
     * @param axis the grid's axis along it
     * @param flipped whether it runs from the axis' end to its beginning
     * @param from the first position shown, counted along the side
     * @param count positions shown
     */
    record Side(int axis, boolean flipped, int from, int count) {
        int voxel(int position, Grid grid) {
            return flipped ? grid.size(axis) - 1 - from - position : from + position;
        }

        Side cut(int first, int positions) {
            return new Side(axis, flipped, from + first, positions);
        }
    }

    /** Returns the slice with the most labelled voxels, or the middle one if there are none. */
    static SlicePlane of(Grid grid, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        if (grid.dimension() == 2) {
            return new SlicePlane(grid, 2, 0, new Side(0, false, 0, grid.size(0)), new Side(1, false, 0, grid.size(1)));
        }
        int[] axes = axesOfWorld(grid);
        double thick = Arrays.stream(axes).mapToDouble(grid::spacing).max().orElseThrow();
        double thin = Arrays.stream(axes).mapToDouble(grid::spacing).min().orElseThrow();
        int world = 2;
        for (int w = 0; w < 3 && thick > 2 * thin; w++) {
            world = grid.spacing(axes[w]) == thick ? w : world;
        }
        int across = axes[world];
        return new SlicePlane(
                grid,
                across,
                fullest(grid, across, truth, prediction),
                side(grid, axes, world == 0 ? 1 : 0),
                side(grid, axes, world == 2 ? 1 : 2));
    }

    private static Side side(Grid grid, int[] axes, int world) {
        int axis = axes[world];
        return new Side(axis, grid.affine()[world][axis] > 0, 0, grid.size(axis));
    }

    /** Returns, for x, y and z of the world, the grid's axis that runs most along it; each axis once. */
    private static int[] axesOfWorld(Grid grid) {
        double[][] affine = grid.affine();
        int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        int[] best = orders[0];
        double most = -1;
        for (int[] order : orders) {
            double along = 0;
            for (int w = 0; w < 3; w++) {
                along += Math.abs(affine[w][order[w]]) / grid.spacing(order[w]);
            }
            if (along > most + 1e-9) {
                most = along;
                best = order;
            }
        }
        return best;
    }

    private static int fullest(Grid grid, int axis, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        long[] counts = new long[grid.size(axis)];
        int stride = axis == 0 ? 1 : axis == 1 ? grid.size(0) : grid.size(0) * grid.size(1);
        for (int i = 0; i < grid.voxels(); i++) {
            counts[i / stride % counts.length] += (labelled(truth, i) || labelled(prediction, i)) ? 1 : 0;
        }
        int best = counts.length / 2;
        for (int k = 0; k < counts.length; k++) {
            best = counts[k] > counts[best] ? k : best;
        }
        return best;
    }

    /** Returns a rectangle of this picture. */
    SlicePlane cut(int left, int top, int width, int height) {
        return new SlicePlane(grid, across, slice, columns.cut(left, width), rows.cut(top, height));
    }

    int width() {
        return columns.count;
    }

    int height() {
        return rows.count;
    }

    /** Returns the index of the voxel at a position of the picture. */
    int voxel(int x, int y) {
        int[] at = new int[3];
        at[across] = slice;
        at[columns.axis] = columns.voxel(x, grid);
        at[rows.axis] = rows.voxel(y, grid);
        return at[0] + grid.size(0) * (at[1] + grid.size(1) * at[2]);
    }

    /** Returns the voxels that the picture shows, as an image of their own. */
    Image shown(Image image) {
        return image.map(Grid.ofPixels(width(), height()), channel -> {
            float[] values = new float[width() * height()];
            for (int i = 0; i < values.length; i++) {
                values[i] = channel[voxel(i % width(), i / width())];
            }
            return values;
        });
    }

    /** Returns a voxel's width divided by its height. */
    double aspect() {
        return grid.spacing(columns.axis) / grid.spacing(rows.axis);
    }

    /** Whether a mask exists and has a label at a voxel. */
    static boolean labelled(@Nullable LabelMap mask, int voxel) {
        return mask != null && mask.voxels()[voxel] != 0;
    }

    /** Refuses a grid of another size. */
    static void check(String subject, Grid other, Grid grid) {
        if (!Arrays.equals(grid.size(), other.size())) {
            throw new AttunetException(
                    subject, "it has " + other, "the image's " + grid, "resample it to the image's grid");
        }
    }
}
