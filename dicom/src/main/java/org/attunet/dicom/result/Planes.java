package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * The planes of a volume, in its order: where each lies in DICOM's coordinates and which slices it was made of.
 *
 * @param grid of the volume, whose rows run against DICOM's
 * @param all one plane for each of the grid's slices
 */
record Planes(Grid grid, List<Source> all) {
    /** How far a plane may lie from a slice, as a share of the distance between planes, to be that slice's. */
    private static final double SAME_PLACE = 0.1;

    private static final double SAME_GRID = 1e-3;

    /**
     * A plane of the volume.
     *
     * @param plane where it lies
     * @param slices what it was made of: the slice in its place, or those before and after it
     * @param exact whether a slice lies in its place
     */
    record Source(Plane plane, List<Slice> slices, boolean exact) {}

    /**
     * Returns a series' planes.
     *
     * @param grid of what is written
     * @throws AttunetException if it isn't the series' grid
     */
    static Planes of(Series series, Grid grid) {
        Grid own = series.grid();
        if (!own.sameAs(grid, SAME_GRID)) {
            throw new AttunetException(
                    series.label(),
                    "a result on the grid " + grid,
                    "one on the series' own grid, " + own,
                    "segment the series itself");
        }
        double[][] affine = own.affine();
        double[] across = column(affine, 0);
        double[] up = column(affine, 1);
        double[] step = column(affine, 2);
        double[] origin = column(affine, 3);
        List<Source> all = new ArrayList<>();
        for (int k = 0; k < own.size(2); k++) {
            double[] position = new double[3];
            for (int axis = 0; axis < 3; axis++) {
                position[axis] = origin[axis] + (own.size(1) - 1) * up[axis] + k * step[axis];
            }
            Plane plane = new Plane(
                    position,
                    scaled(across, 1 / own.spacing(0)),
                    scaled(up, -1 / own.spacing(1)),
                    own.spacing(0),
                    own.spacing(1),
                    own.size(0),
                    own.size(1));
            all.add(source(plane, series.slices(), own.spacing(2)));
        }
        return new Planes(own, all);
    }

    /** A column of an affine in DICOM's coordinates: left and back, not right and front. */
    private static double[] column(double[][] affine, int column) {
        return new double[] {-affine[0][column], -affine[1][column], affine[2][column]};
    }

    private static double[] scaled(double[] vector, double factor) {
        return new double[] {vector[0] * factor, vector[1] * factor, vector[2] * factor};
    }

    private static Source source(Plane plane, List<Slice> slices, double gap) {
        Slice before = null;
        Slice after = null;
        for (Slice slice : slices) {
            Plane other = slice.plane();
            if (distance(other.position(), plane.position()) <= SAME_PLACE * gap
                    && other.columns() == plane.columns()
                    && other.rows() == plane.rows()) {
                return new Source(other, List.of(slice), true);
            }
            double along = along(other.position(), plane) - along(plane.position(), plane);
            if (along <= 0) {
                before = slice; // slices are in their order along the normal
            } else if (after == null) {
                after = slice;
            }
        }
        List<Slice> made = new ArrayList<>();
        if (before != null) {
            made.add(before);
        }
        if (after != null) {
            made.add(after);
        }
        return new Source(plane, made, false);
    }

    private static double along(double[] position, Plane plane) {
        double[] normal = plane.normal();
        return position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2];
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2) + Math.pow(a[2] - b[2], 2));
    }

    int size() {
        return all.size();
    }

    int columns() {
        return grid.size(0);
    }

    int rows() {
        return grid.size(1);
    }

    /** The index of the voxel at the beginning of a row of DICOM's. */
    int rowStart(int plane, int row) {
        return (plane * rows() + rows() - 1 - row) * columns();
    }

    /** The functional groups that all planes share: orientation, spacing and thickness (PS3.3, C.7.6.16.2.1 and .4). */
    DataSet shared() {
        Plane first = all.get(0).plane();
        DataSet orientation = new DataSet();
        double[] a = first.across();
        double[] d = first.down();
        orientation.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, a[0], a[1], a[2], d[0], d[1], d[2]);
        DataSet measures = new DataSet();
        measures.put(Tag.PIXEL_SPACING, Vr.DS, first.rowSpacing(), first.columnSpacing());
        measures.put(Tag.SLICE_THICKNESS, Vr.DS, grid.spacing(2));
        measures.put(ResultTag.SPACING_BETWEEN_SLICES, Vr.DS, grid.spacing(2));
        DataSet groups = new DataSet();
        groups.put(Tag.PLANE_ORIENTATION_SEQUENCE, List.of(orientation));
        groups.put(Tag.PIXEL_MEASURES_SEQUENCE, List.of(measures));
        return groups;
    }

    /** The functional groups of a frame of a plane: its place and what it was made of. */
    DataSet own(int plane) {
        DataSet position = new DataSet();
        position.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, all.get(plane).plane().position());
        DataSet groups = new DataSet();
        groups.put(Tag.PLANE_POSITION_SEQUENCE, List.of(position));
        SourceImages.putDerivation(
                groups, all.get(plane).slices(), all.get(plane).exact());
        return groups;
    }
}
