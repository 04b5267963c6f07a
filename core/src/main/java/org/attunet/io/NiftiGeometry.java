package org.attunet.io;

import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.attunet.io.NiftiHeader.Field;

/**
 * The grid of a NIfTI header, and the header for a grid.
 *
 * <p>The affine is the sform if its code is above 0, else the qform if its code is above 0. If both codes are 0, the file
 * holds spacings only; as in ANALYZE 7.5 and nibabel, x then runs to the left and the world's origin is the centre. A grid
 * with exactly that affine is written with both codes 0 again: so every program, whatever it assumes for such files, shows a
 * mask on its image. The unit is kept too: the mask of an image in micrometres has the image's numbers, in micrometres.
 *
 * <p>Source: nifti1.h, "3D image (volume) orientation and location in space", methods 1 to 3.
 */
final class NiftiGeometry {
    private static final String AXES = "xyz";

    private NiftiGeometry() {}

    /** The grid that a header describes; sizes and numbers out of range are errors. */
    static Grid grid(Path file, NiftiHeader h) {
        int dimension = dimension(file, h);
        int[] size = new int[dimension];
        double voxels = 1;
        for (int axis = 0; axis < dimension; axis++) {
            double n = h.get(Field.DIM, axis + 1);
            voxels *= n;
            if (voxels > Integer.MAX_VALUE - 8) {
                throw new TooLargeException(
                        file, "its sizes are " + h.sizes(dimension), "at most 2^31 voxels", "crop or resample it");
            }
            size[axis] = (int) n;
            requireSpacing(file, h, axis);
        }
        return Grid.ofAffine(size, affine(file, h, size), unit(h));
    }

    /** The number of spatial axes: a vector image of one slice is a 2D image with channels. */
    private static int dimension(Path file, NiftiHeader h) {
        int axes = (int) h.get(Field.DIM);
        if (axes < 2 || axes > 7) {
            throw new AttunetException(file, "dim[0] is " + axes, "2 to 7 axes", "correct or convert the file");
        }
        for (int i = 1; i <= axes; i++) {
            long n = (long) h.get(Field.DIM, i);
            if (n < 1) {
                throw new AttunetException(file, "dim[" + i + "] is " + n, "a size of 1 or more", "set dim[" + i + "]");
            }
        }
        boolean vector = axes == 5 && h.get(Field.INTENT) == NiftiHeader.INTENT_VECTOR;
        return axes == 2 || (vector && h.get(Field.DIM, 3) == 1 && h.get(Field.DIM, 4) == 1) ? 2 : 3;
    }

    private static void requireSpacing(Path file, NiftiHeader h, int axis) {
        double spacing = h.get(Field.PIXDIM, axis + 1);
        if (!(spacing > 0) || spacing > Float.MAX_VALUE) {
            String value = spacing == 0 ? "0" : Double.toString(spacing);
            throw new AttunetException(
                    file,
                    "spacing is " + value + " on axis " + AXES.charAt(axis),
                    "a positive number",
                    "set pixdim[" + (axis + 1) + "] to the distance between voxels in millimetres");
        }
    }

    private static LengthUnit unit(NiftiHeader h) {
        return switch ((int) h.get(Field.UNITS) & 7) {
            case 1 -> LengthUnit.METRE;
            case 2 -> LengthUnit.MILLIMETRE;
            case 3 -> LengthUnit.MICROMETRE;
            default -> LengthUnit.UNSPECIFIED;
        };
    }

    private static int code(LengthUnit unit) {
        return switch (unit) {
            case METRE -> 1;
            case MILLIMETRE -> 2;
            case MICROMETRE -> 3;
            case UNSPECIFIED, PIXEL -> 0;
        };
    }

    private static double[][] affine(Path file, NiftiHeader h, int[] size) {
        if (h.get(Field.SFORM_CODE) > 0) {
            return sform(file, h, size.length);
        }
        if (h.get(Field.QFORM_CODE) > 0) {
            return qform(file, h, size.length);
        }
        return unoriented(size, h.get(Field.PIXDIM, 1, size.length + 1));
    }

    private static double[][] sform(Path file, NiftiHeader h, int dimension) {
        double[][] rows = new double[3][];
        Arrays.setAll(rows, row -> h.get(Field.SROW, row * 4, row * 4 + 4));
        if (Arrays.stream(h.get(Field.SROW, 0, 12)).anyMatch(v -> !(Math.abs(v) <= Float.MAX_VALUE))) {
            throw unusable(file, "sform", "holds a number that is not finite");
        }
        for (int axis = 0; axis < dimension; axis++) {
            if (length(column(rows, axis)) == 0) {
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
        double[][] unit = new double[dimension][];
        Arrays.setAll(unit, axis -> unit(column(m, axis)));
        double[] normal = cross(unit[0], unit[1]);
        return dimension == 2
                ? Math.hypot(normal[0], Math.hypot(normal[1], normal[2])) < 1e-6
                : Math.abs(dot(normal, unit[2])) < 1e-6;
    }

    private static double[][] qform(Path file, NiftiHeader h, int dimension) {
        double[] q = h.get(Field.QUATERNION, 0, 6);
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
        double[] pixdim = h.get(Field.PIXDIM, 0, 4);
        double depth = dimension == 3 || (pixdim[3] > 0 && pixdim[3] <= Float.MAX_VALUE) ? pixdim[3] : 1;
        double[] step = {pixdim[1], pixdim[2], pixdim[0] < 0 ? -depth : depth};
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
        Grid plain = grid.with(grid.size(), unoriented(grid.size(), grid.spacing()));
        return grid.sameAs(plain, Arrays.stream(grid.spacing()).max().orElseThrow() * 1e-9);
    }

    /**
     * The header for voxels on a grid: version 2 if a size is above 32767, else 1.
     *
     * @throws AttunetException if float32, the type of the affine in version 1, can't hold the grid's affine
     */
    static NiftiHeader header(Path file, Grid grid, int channels, NiftiType type) {
        int dimension = grid.dimension();
        double[] dim = {dimension, 1, 1, 1, 1, 1, 1, 1};
        double[] pixdim = {1, 1, 1, 1, 1, 1, 1, 1};
        for (int axis = 0; axis < dimension; axis++) {
            dim[axis + 1] = grid.size(axis);
        }
        boolean flatVector = dimension == 2 && channels > 1;
        if (channels > 1) {
            dim[0] = flatVector ? 5 : 4;
            dim[flatVector ? 5 : 4] = channels;
        }
        NiftiHeader header = NiftiHeader.empty(Arrays.stream(dim).max().orElseThrow() > Short.MAX_VALUE ? 2 : 1);
        double[][] affine = solid(grid);
        double[] quaternion = quaternion(affine, pixdim);
        if (!isUnoriented(grid)) {
            double[] srow =
                    Arrays.stream(affine).flatMapToDouble(Arrays::stream).toArray();
            for (double v : srow) {
                if (Math.abs(v) > Float.MAX_VALUE || Double.isNaN(v)) {
                    throw new AttunetException(file, "the affine holds " + v, "numbers of float32", "correct the grid");
                }
            }
            header.put(Field.SFORM_CODE, 1).put(Field.SROW, srow);
            header.put(Field.QFORM_CODE, quaternion.length > 0 ? 1 : 0).put(Field.QUATERNION, quaternion);
        }
        return header.put(Field.DIM, dim)
                .put(Field.PIXDIM, pixdim)
                .put(Field.INTENT, flatVector ? NiftiHeader.INTENT_VECTOR : 0)
                .put(Field.DATATYPE, type.code())
                .put(Field.BITPIX, type.bitsPerVoxel())
                .put(Field.VOX_OFFSET, header.size() + 4)
                .put(Field.SLOPE, 1)
                .put(Field.UNITS, code(grid.unit()));
    }

    /** The grid's affine in its unit; if the third column of a plane spans no volume, it is replaced by the unit normal. */
    private static double[][] solid(Grid grid) {
        double[][] affine = grid.affineInUnit();
        if (grid.dimension() == 2 && (length(column(affine, 2)) == 0 || isSingular(affine, 3))) {
            double[] normal = unit(cross(column(affine, 0), column(affine, 1)));
            for (int row = 0; row < 3; row++) {
                affine[row][2] = normal[row];
            }
        }
        return affine;
    }

    /**
     * The quaternion b, c, d and the offset of an affine that is a rotation times spacings; sets the spacings in pixdim and
     * the handedness in pixdim[0]. Empty if the affine is sheared.
     */
    private static double[] quaternion(double[][] affine, double[] pixdim) {
        double[][] axes = new double[3][];
        for (int axis = 0; axis < 3; axis++) {
            double[] column = column(affine, axis);
            pixdim[axis + 1] = length(column);
            axes[axis] = unit(column);
        }
        for (int i = 0; i < 3; i++) {
            if (Math.abs(dot(axes[i], axes[(i + 1) % 3])) > 1e-6) {
                return new double[0];
            }
        }
        if (dot(cross(axes[0], axes[1]), axes[2]) < 0) {
            pixdim[0] = -1;
            Arrays.setAll(axes[2], row -> -axes[2][row]);
        }
        double[] abcd = largestFirst(new double[][] {column(axes, 0), column(axes, 1), column(axes, 2)});
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
        return Arrays.stream(products[k]).map(product -> product / divisor).toArray();
    }

    private static double[] column(double[][] m, int axis) {
        return new double[] {m[0][axis], m[1][axis], m[2][axis]};
    }

    private static double length(double[] v) {
        return Math.sqrt(dot(v, v));
    }

    private static double[] unit(double[] v) {
        double length = length(v);
        return new double[] {v[0] / length, v[1] / length, v[2] / length};
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    private static double[] cross(double[] a, double[] b) {
        return new double[] {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    }
}
