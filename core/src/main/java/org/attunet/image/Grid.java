package org.attunet.image;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;

/**
 * The lattice of an image's voxels: 2 or 3 axes with a size and a spacing each, and the affine map from voxel indices to
 * world coordinates.
 *
 * <p>Axis 0 is x, the fastest in memory: the voxel (x, y, z) has the index {@code x + sizeX * (y + sizeY * z)}. World
 * coordinates are NIfTI's: +x right, +y anterior, +z superior. The spacing is the length of each column of the affine.
 *
 * <p>Lengths are in mm whatever unit the file uses; {@link #unit} remembers that unit, so that results are written with the
 * file's own numbers. Images without a physical size (photographs) have the unit {@link LengthUnit#PIXEL}, and their lengths
 * are in pixels.
 *
 * <p>Immutable. {@link #equals} compares exactly; {@link #sameAs} within a tolerance.
 */
public final class Grid {
    private final int[] size;
    private final double[] affine; // 3 x 4, row by row, in mm or pixels
    private final LengthUnit unit;

    private Grid(int[] size, double[] affine, LengthUnit unit) {
        this.size = size.clone();
        this.affine = affine;
        this.unit = unit;
        if (size.length != 2 && size.length != 3) {
            throw new AttunetException("grid", size.length + " axes", "2 or 3 axes", "give a 2D image or a 3D volume");
        }
        String found = "size " + Arrays.toString(size);
        long voxels = 1;
        for (int n : size) {
            if (n < 1) {
                throw new AttunetException("grid", found, "sizes of 1 or more", "check the header");
            }
            voxels *= n;
            if (voxels > Integer.MAX_VALUE - 8) {
                throw new AttunetException("grid", found, "at most 2^31 voxels", "split or resample the image");
            }
        }
        for (int axis = 0; axis < size.length; axis++) {
            double s = spacing(axis);
            if (!(s > 0) || Double.isInfinite(s)) {
                throw notPositive(s, axis);
            }
        }
    }

    private static AttunetException notPositive(double spacing, int axis) {
        String found = "spacing is " + spacing + " on axis " + "xyz".charAt(axis);
        return new AttunetException("grid", found, "a positive number", "correct the header");
    }

    /**
     * {@return a grid with spacing 1 mm whose world coordinates are the voxel indices}
     *
     * @param size voxels along each axis, x first
     */
    public static Grid of(int... size) {
        return of(size, ones(size.length));
    }

    /**
     * {@return a grid without a physical size, such as a photograph's; world coordinates are the voxel indices}
     *
     * @param size voxels along each axis, x first
     */
    public static Grid ofPixels(int... size) {
        return of(size, ones(size.length), LengthUnit.PIXEL);
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /**
     * {@return an axis-aligned grid with its first voxel at the world's origin; spacing in mm, one per axis}
     *
     * @param size voxels along each axis, x first
     * @param spacing one for each axis, x first
     */
    public static Grid of(int[] size, double[] spacing) {
        return of(size, spacing, LengthUnit.MILLIMETRE);
    }

    /**
     * {@return an axis-aligned grid with its first voxel at the world's origin; spacing in the unit, one per axis}
     *
     * @param size voxels along each axis, x first
     * @param spacing one for each axis, x first
     * @param unit of the lengths
     */
    public static Grid of(int[] size, double[] spacing, LengthUnit unit) {
        Objects.requireNonNull(size, "the size must not be null");
        Objects.requireNonNull(spacing, "the spacing must not be null");
        Objects.requireNonNull(unit, "the unit must not be null");
        if (spacing.length != size.length) {
            String found = size.length + " sizes and " + spacing.length + " spacings";
            throw new AttunetException("grid", found, "one spacing for each axis", "give as many spacings as sizes");
        }
        double[] affine = new double[12];
        for (int axis = 0; axis < 3; axis++) {
            if (axis < spacing.length && spacing[axis] < 0) {
                throw notPositive(spacing[axis], axis);
            }
            affine[axis * 4 + axis] = unit.toMillimetres(axis < spacing.length ? spacing[axis] : 1);
        }
        return new Grid(size, affine, unit);
    }

    /**
     * {@return a grid with any orientation}
     *
     * @param size voxels along each axis, x first
     * @param affine at least 3 rows of 4 numbers: world = affine * (x, y, z, 1), in mm
     */
    public static Grid ofAffine(int[] size, double[][] affine) {
        return ofAffine(size, affine, LengthUnit.MILLIMETRE);
    }

    /**
     * {@return the same with an affine in another unit}
     *
     * @param size voxels along each axis, x first
     * @param affine 3 rows of 4 numbers, world = affine * (x, y, z, 1)
     * @param unit of the lengths
     */
    public static Grid ofAffine(int[] size, double[][] affine, LengthUnit unit) {
        return new Grid(size, rowByRow(affine).map(unit::toMillimetres).toArray(), unit);
    }

    /**
     * {@return a grid of this one's unit with other sizes and another affine, in mm or pixels}
     *
     * @param otherSize voxels along each axis, x first
     * @param otherAffine 3 rows of 4 numbers, in mm or pixels
     */
    public Grid with(int[] otherSize, double[][] otherAffine) {
        return new Grid(otherSize, rowByRow(otherAffine).toArray(), unit);
    }

    /**
     * {@return the grid of one slice of a volume, in 2D: the other two axes in their order, at their places in the world}
     *
     * @param axis the axis across the slice, 0 (x) to 2 (z)
     * @param index the slice's position on that axis, from 0
     */
    public Grid slice(int axis, int index) {
        if (size.length != 3) {
            throw new AttunetException("slice", "a 2D image, " + this, "a volume", "take the image itself");
        }
        ConfigException.check(axis >= 0 && axis < 3, "axis", axis, "0 (x), 1 (y) or 2 (z)");
        ConfigException.check(
                index >= 0 && index < size[axis], "slice", index, "a number from 0 to " + (size[axis] - 1));
        int[] order = {axis == 0 ? 1 : 0, axis == 2 ? 1 : 2, axis};
        double[] plane = new double[12];
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                plane[row * 4 + column] = affine[row * 4 + order[column]];
            }
            plane[row * 4 + 3] = affine[row * 4 + 3] + index * affine[row * 4 + axis];
        }
        return new Grid(new int[] {size[order[0]], size[order[1]]}, plane, unit);
    }

    /** The index in this volume of the voxel at an index of one of its slices. */
    int voxelOfSlice(int axis, int slice, int index) {
        int[] stride = {1, size(0), size(0) * size(1)};
        int columns = axis == 0 ? 1 : 0;
        int rows = axis == 2 ? 1 : 2;
        return slice * stride[axis] + index % size(columns) * stride[columns] + index / size(columns) * stride[rows];
    }

    private static DoubleStream rowByRow(double[][] affine) {
        if (affine.length < 3 || Arrays.stream(affine, 0, 3).anyMatch(row -> row.length < 4)) {
            String found = "rows of "
                    + Arrays.stream(affine).map(row -> row.length + " numbers").toList();
            throw new AttunetException("affine", found, "3 rows of 4 numbers", "give the whole affine");
        }
        return Arrays.stream(affine, 0, 3).flatMapToDouble(row -> Arrays.stream(row, 0, 4));
    }

    /** {@return the unit of lengths in the image's file} */
    public LengthUnit unit() {
        return unit;
    }

    /** {@return whether lengths are physical; otherwise they are in pixels} */
    public boolean hasPhysicalSize() {
        return unit.isPhysical();
    }

    /** {@return 2 or 3} */
    public int dimension() {
        return size.length;
    }

    /**
     * {@return the number of voxels along an axis; 1 beyond the last axis, so that a 2D grid can be read as one slice}
     *
     * @param axis 0 (x), 1 (y) or 2 (z)
     */
    public int size(int axis) {
        return axis < size.length ? size[axis] : 1;
    }

    /** {@return a copy of the sizes, x first} */
    public int[] size() {
        return size.clone();
    }

    /** {@return the number of voxels} */
    public int voxels() {
        return size(0) * size(1) * size(2);
    }

    /**
     * Checks the length of an array of one value per voxel.
     *
     * @param subject the owner of the array, for the failure
     */
    void requireLength(String subject, int length) {
        if (length != voxels()) {
            throw new AttunetException(
                    subject, length + " values", voxels() + " values for " + this, "check how it was read");
        }
    }

    /**
     * {@return the distance between neighbours along an axis, in mm or pixels}
     *
     * @param axis 0 (x), 1 (y) or 2 (z)
     */
    public double spacing(int axis) {
        return Math.sqrt(affine[axis] * affine[axis]
                + affine[4 + axis] * affine[4 + axis]
                + affine[8 + axis] * affine[8 + axis]);
    }

    /** {@return a copy of the spacings in mm or pixels, x first, one per axis} */
    public double[] spacing() {
        double[] s = new double[size.length];
        Arrays.setAll(s, this::spacing);
        return s;
    }

    /** {@return the volume (3D, in mm³ or px³) or area (2D, in mm² or px²) of one voxel} */
    public double voxelVolume() {
        double v = 1;
        for (double s : spacing()) {
            v *= s;
        }
        return v;
    }

    /** {@return a copy of the affine as 3 rows of 4, in mm or pixels} */
    public double[][] affine() {
        return rows(affine);
    }

    /** {@return a copy of the affine in {@link #unit}, as the image's file has it} */
    public double[][] affineInUnit() {
        return rows(Arrays.stream(affine).map(unit::fromMillimetres).toArray());
    }

    private static double[][] rows(double[] affine) {
        double[][] rows = new double[3][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(affine, row * 4, row * 4 + 4));
        return rows;
    }

    /**
     * {@return whether sizes are equal and each number of the affines differs by at most the tolerance in mm} Where only
     * one of the grids has a physical size, there is nothing to compare but sizes.
     *
     * @param other the grid to compare
     * @param tolerance in mm or pixels
     */
    public boolean sameAs(Grid other, double tolerance) {
        if (!Arrays.equals(size, other.size)) {
            return false;
        }
        if (hasPhysicalSize() != other.hasPhysicalSize()) {
            return true;
        }
        for (int i = 0; i < 12; i++) {
            boolean absent = i % 4 == 2 && size.length == 2; // the third axis of a plane
            if (!absent && Math.abs(affine[i] - other.affine[i]) > tolerance) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grid g
                && Arrays.equals(size, g.size)
                && Arrays.equals(affine, g.affine)
                && unit == g.unit;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(size), Arrays.hashCode(affine), unit.name());
    }

    /** Such as {@code 40 x 56 x 40 voxels of 1 x 1 x 1 mm}, {@code 640 x 480 pixels of 0.5 x 0.5 µm} or {@code 640 x 480 pixels}. */
    @Override
    public String toString() {
        String counts = Sizes.text(size) + (size.length == 2 ? " pixels" : " voxels");
        return hasPhysicalSize() ? counts + " of " + LengthUnit.text(spacing()) : counts;
    }
}
