package org.attunet.report;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of a grid that a picture shows, and which way round.
 *
 * <p>Of a volume it is an axial slice (across the thickest voxels where these are more than twice as thick as thin), in
 * radiological orientation: the patient's right on the left, front on top, of coronal and sagittal slices the head on
 * top. 2D images are shown as they are stored.
 *
 * @param grid the whole
 * @param fixed the axis across the slice
 * @param slice the slice's place on that axis
 * @param column the axis that runs along a row of the picture
 * @param row the axis that runs down the picture
 * @param columnFlipped whether the picture's left is the axis' end
 * @param rowFlipped whether the picture's top is the axis' end
 * @param left the first column shown
 * @param top the first row shown
 * @param width columns shown
 * @param height rows shown
 */
record SlicePlane(
        Grid grid,
        int fixed,
        int slice,
        int column,
        int row,
        boolean columnFlipped,
        boolean rowFlipped,
        int left,
        int top,
        int width,
        int height) {

    /** The slice in which the masks together have most voxels; the middle one where they are empty. */
    static SlicePlane of(Grid grid, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        if (grid.dimension() == 2) {
            return new SlicePlane(grid, 2, 0, 0, 1, false, false, 0, 0, grid.size(0), grid.size(1));
        }
        int[] voxelAxis = axisOfWorld(grid);
        int world = 2;
        double thick = 0;
        double thin = Double.POSITIVE_INFINITY;
        for (int w = 0; w < 3; w++) {
            thick = Math.max(thick, grid.spacing(voxelAxis[w]));
            thin = Math.min(thin, grid.spacing(voxelAxis[w]));
        }
        for (int w = 0; w < 3 && thick > 2 * thin; w++) {
            world = grid.spacing(voxelAxis[w]) == thick ? w : world;
        }
        int across = world == 0 ? 1 : 0;
        int down = world == 2 ? 1 : 2;
        int column = voxelAxis[across];
        int row = voxelAxis[down];
        double[][] affine = grid.affine();
        return new SlicePlane(
                grid,
                voxelAxis[world],
                fullest(grid, voxelAxis[world], truth, prediction),
                column,
                row,
                affine[across][column] > 0,
                affine[down][row] > 0,
                0,
                0,
                grid.size(column),
                grid.size(row));
    }

    /** For x, y and z of the world the voxel axis that runs most along it; each axis once. */
    private static int[] axisOfWorld(Grid grid) {
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
            boolean inside = marked(truth, i) || marked(prediction, i);
            counts[i / stride % counts.length] += inside ? 1 : 0;
        }
        int best = counts.length / 2;
        for (int k = 0; k < counts.length; k++) {
            best = counts[k] > counts[best] ? k : best;
        }
        return best;
    }

    /** The same slice, cut to a rectangle of this one's columns and rows. */
    SlicePlane cut(int x, int y, int columns, int rows) {
        return new SlicePlane(
                grid, fixed, slice, column, row, columnFlipped, rowFlipped, left + x, top + y, columns, rows);
    }

    /** The index of the voxel at a place of the picture. */
    int voxel(int x, int y) {
        int[] at = new int[3];
        at[fixed] = slice;
        at[column] = columnFlipped ? grid.size(column) - 1 - left - x : left + x;
        at[row] = rowFlipped ? grid.size(row) - 1 - top - y : top + y;
        return at[0] + grid.size(0) * (at[1] + grid.size(1) * at[2]);
    }

    /** How much wider than high a voxel appears. */
    double aspect() {
        return grid.spacing(column) / grid.spacing(row);
    }

    /** Whether a mask is there and has a label at a voxel. */
    static boolean marked(@Nullable LabelMap mask, int voxel) {
        return mask != null && mask.voxels()[voxel] != 0;
    }

    /** Refuses what has another size than the image. */
    static void check(String what, Grid other, Grid grid) {
        if (!Arrays.equals(grid.size(), other.size())) {
            throw new AttunetException(what, "it has " + other, "the image's " + grid, "bring it to the image's grid");
        }
    }
}
