package org.attunet.dicom.result;

import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * The pixels of a series' slices as voxels: those of the series' grid, or, if slices lie unevenly, the slices one after another.
 *
 * @param series whose slices they are
 * @param even whether the grid is the series'
 * @param grid columns, rows from the last to the first, slices
 * @param gap the usual distance between slices in mm
 */
record SliceStack(Series series, boolean even, Grid grid, double gap) {
    static SliceStack of(Series series) {
        Grid own = series.grid();
        Plane first = series.slices().get(0).plane();
        boolean even = series.isEven();
        Grid grid = even ? own : Grid.of(first.columns(), first.rows(), series.size());
        return new SliceStack(series, even, grid, own.spacing(2));
    }

    /** The voxel of the first pixel in a row of a slice. */
    int rowStart(int slice, int row) {
        int line = grid.dimension() == 2 ? row : grid.size(1) - 1 - row; // of a picture, or of a volume
        return (slice * grid.size(1) + line) * grid.size(0);
    }

    /** Returns labels of the stack's voxels on the series' grid. */
    LabelMap onGrid(short[] labels) {
        if (even) {
            return new LabelMap(grid, labels);
        }
        int columns = grid.size(0);
        return series.fromSlices(slice -> {
            short[] own = new short[columns * grid.size(1)];
            for (int row = 0; row < grid.size(1); row++) {
                System.arraycopy(labels, rowStart(slice, row), own, row * columns, columns);
            }
            return own;
        });
    }
}
