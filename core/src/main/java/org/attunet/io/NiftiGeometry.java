package org.attunet.io;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * What a NIfTI header says about the lattice of its voxels, and what it must say for a given lattice.
 *
 * <p>The affine is the sform where its code is above 0, else the qform where its code is above 0. Where both are 0 the
 * file says no more than spacings and, as in ANALYZE 7.5 and in nibabel, x is taken to run to the left and the world's
 * origin to be the centre. A lattice of just that affine is written with both codes 0 again: then every program, whatever
 * it assumes for such files, sees a mask on its image. Lengths in metres or micrometres are turned into millimetres.
 *
 * <p>Source: nifti1.h, "3D image (volume) orientation and location in space", methods 1 to 3.
 */
final class NiftiGeometry {
    private static final String AXES = "xyz";

    private NiftiGeometry() {}

    /** The axes that are spatial: a vector image of one slice is a 2D image with channels. */
    static int dimension(Path file, NiftiHeader h) {
        long axes = h.dim()[0];
        if (axes < 2 || axes > 7) {
            throw new AttunetException(file, "dim[0] is " + axes, "2 to 7 axes", "correct or convert the file");
        }
        for (int i = 1; i <= axes; i++) {
            if (h.dim()[i] < 1) {
                throw new AttunetException(
                        file, "dim[" + i + "] is " + h.dim()[i], "a size of 1 or more", "set dim[" + i + "]");
            }
        }
        boolean flatVector = axes == 5 && h.intent() == NiftiHeader.INTENT_VECTOR && h.dim()[3] == 1 && h.dim()[4] == 1;
        return axes == 2 || flatVector ? 2 : 3;
    }

    /** The lattice that a header describes; sizes and numbers out of range are errors. */
    static Grid grid(Path file, NiftiHeader h) {
        int dimension = dimension(file, h);
        int[] size = new int[dimension];
        double voxels = 1;
        for (int axis = 0; axis < dimension; axis++) {
            long n = h.dim()[axis + 1];
            voxels *= n;
            if (voxels > Integer.MAX_VALUE - 8) {
                long[] dims = Arrays.copyOfRange(h.dim(), 1, dimension + 1);
                throw new AttunetException(
                        file, "its sizes are " + Arrays.toString(dims), "at most 2^31 voxels", "crop or resample it");
            }
            size[axis] = (int) n;
            requireSpacing(file, h, axis);
        }
        double[][] affine;
        if (h.sformCode() > 0) {
            affine = sform(file, h, dimension);
        } else if (h.qformCode() > 0) {
            affine = qform(file, h, dimension);
        } else {
            affine = unoriented(size, Arrays.copyOfRange(h.pixdim(), 1, dimension + 1));
        }
        double mm = millimetres(h.units());
        for (double[] row : affine) {
            for (int i = 0; i < 4; i++) {
                row[i] *= mm;
            }
        }
        return Grid.ofAffine(size, affine);
    }

    private static void requireSpacing(Path file, NiftiHeader h, int axis) {
        double spacing = h.pixdim()[axis + 1];
        if (!(spacing > 0) || spacing > Float.MAX_VALUE) {
            String value = spacing == 0 ? "0" : Double.toString(spacing);
            throw new AttunetException(
                    file,
                    "spacing is " + value + " on axis " + AXES.charAt(axis),
                    "a positive number",
                    "set pixdim[" + (axis + 1) + "] to the distance between voxels in millimetres");
        }
    }

    private static double millimetres(int units) {
        return switch (units & 7) {
            case 1 -> 1000;
            case 3 -> 0.001;
            default -> 1;
        };
    }

    private static double[][] sform(Path file, NiftiHeader h, int dimension) {
        double[][] rows = new double[3][];
        for (int row = 0; row < 3; row++) {
            rows[row] = Arrays.copyOfRange(h.srow(), row * 4, row * 4 + 4);
        }
        if (Arrays.stream(h.srow()).anyMatch(v -> !Double.isFinite(v) || Math.abs(v) > Float.MAX_VALUE)) {
            throw unusable(file, "sform", "holds a number that is not finite");
        }
        for (int axis = 0; axis < dimension; axis++) {
            if (length(rows, axis) == 0) {
                throw new AttunetException(
                        file,
                        "spacing is 0 on axis " + AXES.charAt(axis) + " by the sform",
                        "a column of the affine that is not zero",
                        "correct srow_x, srow_y and srow_z, or set sform_code to 0");
            }
        }
        if (isSingular(rows, dimension)) {
            throw unusable(file, "sform", "is singular");
        }
        return rows;
    }

    /** Whether the axes (of length above 0) span no area or volume, to 1 part in a million. */
    private static boolean isSingular(double[][] m, int dimension) {
        double[][] unit = new double[3][3]; // one row for each axis
        for (int axis = 0; axis < 3; axis++) {
            double length = axis < dimension ? length(m, axis) : 1;
            for (int row = 0; row < 3; row++) {
                unit[axis][row] = m[row][axis] / length;
            }
        }
        double[] normal = cross(unit[0], unit[1]);
        return dimension == 2
                ? Math.hypot(normal[0], Math.hypot(normal[1], normal[2])) < 1e-6
                : Math.abs(dot(normal, unit[2])) < 1e-6;
    }

    private static double[][] qform(Path file, NiftiHeader h, int dimension) {
        double[] q = h.quaternion();
        if (Arrays.stream(q).anyMatch(v -> !Double.isFinite(v))) {
            throw unusable(file, "qform", "holds a number that is not finite");
        }
        double b = q[0];
        double c = q[1];
        double d = q[2];
        double rest = 1 - (b * b + c * c + d * d);
        if (rest < -1e-4) {
            throw unusable(file, "qform", "is no rotation (b^2 + c^2 + d^2 is " + (1 - rest) + ")");
        }
        // A rotation by 180 degrees, rounded: the three numbers are then a unit vector, and a is 0.
        double scale = rest < 0 ? 1 / Math.sqrt(1 - rest) : 1;
        double a = Math.sqrt(Math.max(0, rest));
        b *= scale;
        c *= scale;
        d *= scale;
        double[][] r = {
            {a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
            {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
            {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b}
        };
        double depth = dimension == 3 || (h.pixdim()[3] > 0 && h.pixdim()[3] <= Float.MAX_VALUE) ? h.pixdim()[3] : 1;
        double[] step = {h.pixdim()[1], h.pixdim()[2], h.pixdim()[0] < 0 ? -depth : depth};
        double[][] affine = new double[3][4];
        for (int row = 0; row < 3; row++) {
            for (int axis = 0; axis < 3; axis++) {
                affine[row][axis] = r[row][axis] * step[axis];
            }
            affine[row][3] = q[3 + row];
        }
        return affine;
    }

    private static AttunetException unusable(Path file, String form, String found) {
        return new AttunetException(
                file,
                "its " + form + " " + found,
                "an affine that maps voxels to millimetres",
                "correct the " + form + ", or set " + form + "_code to 0");
    }

    /** The affine of a file without orientation: x to the left, the centre at the origin. */
    private static double[][] unoriented(int[] size, double[] spacing) {
        double[][] affine = new double[3][4];
        for (int axis = 0; axis < 3; axis++) {
            double step = axis < size.length ? spacing[axis] : 1;
            affine[axis][axis] = axis == 0 ? -step : step;
            affine[axis][3] = axis < size.length ? -affine[axis][axis] * (size[axis] - 1) / 2 : 0;
        }
        return affine;
    }

    private static boolean isUnoriented(Grid grid) {
        Grid plain = Grid.ofAffine(grid.size(), unoriented(grid.size(), grid.spacing()));
        double longest = 0;
        for (double s : grid.spacing()) {
            longest = Math.max(longest, s);
        }
        return grid.sameAs(plain, longest * 1e-9);
    }

    /** The header of a file that holds so many channels of a type on a grid. */
    static NiftiHeader header(Grid grid, int channels, NiftiType type) {
        int dimension = grid.dimension();
        long[] dim = {dimension, 1, 1, 1, 1, 1, 1, 1};
        double[] pixdim = {1, 1, 1, 1, 1, 1, 1, 1};
        boolean large = channels > Short.MAX_VALUE;
        for (int axis = 0; axis < dimension; axis++) {
            dim[axis + 1] = grid.size(axis);
            pixdim[axis + 1] = grid.spacing(axis);
            large |= grid.size(axis) > Short.MAX_VALUE;
        }
        boolean flatVector = dimension == 2 && channels > 1;
        if (channels > 1) {
            dim[0] = flatVector ? 5 : 4;
            dim[flatVector ? 5 : 4] = channels;
        }
        double[][] affine = solid(grid);
        double[] quaternion = quaternion(affine, pixdim);
        boolean oriented = !isUnoriented(grid);
        double[] srow = new double[12];
        for (int i = 0; oriented && i < 12; i++) {
            srow[i] = affine[i / 4][i % 4];
        }
        return new NiftiHeader(
                large ? 2 : 1,
                ByteOrder.LITTLE_ENDIAN,
                dim,
                flatVector ? NiftiHeader.INTENT_VECTOR : 0,
                type.code(),
                type.bitsPerVoxel(),
                pixdim,
                (large ? NiftiHeader.SIZE_2 : NiftiHeader.SIZE_1) + 4,
                1,
                0,
                NiftiHeader.UNITS_MM,
                oriented && quaternion.length > 0 ? 1 : 0,
                oriented ? 1 : 0,
                oriented && quaternion.length > 0 ? quaternion : new double[6],
                srow);
    }

    /** The grid's affine; a plane whose third column spans no volume gets its unit normal there. */
    private static double[][] solid(Grid grid) {
        double[][] affine = grid.affine();
        if (grid.dimension() == 2 && (length(affine, 2) == 0 || isSingular(affine, 3))) {
            double[] normal = cross(column(affine, 0), column(affine, 1));
            double length = Math.sqrt(dot(normal, normal));
            for (int row = 0; row < 3; row++) {
                affine[row][2] = normal[row] / length;
            }
        }
        return affine;
    }

    /**
     * The quaternion b, c, d and the offset of an affine that is a rotation times spacings, and its handedness in
     * pixdim[0]; empty where it is sheared.
     */
    private static double[] quaternion(double[][] affine, double[] pixdim) {
        double[][] r = new double[3][3];
        for (int axis = 0; axis < 3; axis++) {
            double length = length(affine, axis);
            pixdim[axis + 1] = length;
            for (int row = 0; row < 3; row++) {
                r[row][axis] = affine[row][axis] / length;
            }
        }
        for (int i = 0; i < 3; i++) {
            if (Math.abs(dot(column(r, i), column(r, (i + 1) % 3))) > 1e-6) {
                return new double[0];
            }
        }
        if (dot(cross(column(r, 0), column(r, 1)), column(r, 2)) < 0) {
            pixdim[0] = -1;
            for (double[] row : r) {
                row[2] = -row[2];
            }
        }
        double[] abcd = largestFirst(r);
        double sign = abcd[0] < 0 ? -1 : 1;
        return new double[] {sign * abcd[1], sign * abcd[2], sign * abcd[3], affine[0][3], affine[1][3], affine[2][3]};
    }

    /** The unit quaternion of a rotation; divides by its largest component, which is at least 1/2. */
    private static double[] largestFirst(double[][] r) {
        double[] squares = { // four times the square of a, b, c, d
            1 + r[0][0] + r[1][1] + r[2][2],
            1 + r[0][0] - r[1][1] - r[2][2],
            1 - r[0][0] + r[1][1] - r[2][2],
            1 - r[0][0] - r[1][1] + r[2][2]
        };
        int k = 0;
        for (int i = 1; i < 4; i++) {
            k = squares[i] > squares[k] + 1e-9 ? i : k;
        }
        double[][] products = { // four times the products of component k with each
            {squares[0], r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]},
            {r[2][1] - r[1][2], squares[1], r[0][1] + r[1][0], r[0][2] + r[2][0]},
            {r[0][2] - r[2][0], r[0][1] + r[1][0], squares[2], r[1][2] + r[2][1]},
            {r[1][0] - r[0][1], r[0][2] + r[2][0], r[1][2] + r[2][1], squares[3]}
        };
        double divisor = 2 * Math.sqrt(squares[k]);
        double[] abcd = products[k];
        for (int i = 0; i < 4; i++) {
            abcd[i] /= divisor;
        }
        return abcd;
    }

    private static double[] column(double[][] m, int axis) {
        return new double[] {m[0][axis], m[1][axis], m[2][axis]};
    }

    private static double length(double[][] m, int axis) {
        double[] c = column(m, axis);
        return Math.sqrt(dot(c, c));
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    private static double[] cross(double[] a, double[] b) {
        return new double[] {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    }
}
