package org.attunet.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * Whole numbers from 0 to 2^31 - 1, one for each voxel, such as the objects of a label image; {@link Images#readLabels} knows
 * labels to 65535 only. Read from NIfTI, NRRD, PNG, TIFF and BMP by the rules for masks that {@link Images} states, and
 * without loss: numbers that the file's type can't tell apart are refused.
 *
 * @param grid the lattice of the voxels
 * @param values one for each voxel in the grid's order (x fastest)
 */
public record WholeNumbers(Grid grid, int[] values) {
    /** The largest number up to which every whole number is a float32. */
    private static final int LARGEST_EXACT = 1 << 24;

    /**
     * Reads a file.
     *
     * @param file the file
     * @return its numbers
     * @throws AttunetException if it is damaged, of a format that changes values (JPEG), or holds colours, fractions or
     *     numbers out of range
     */
    public static WholeNumbers read(Path file) {
        if (Images.suffix(file).startsWith(".jp")) {
            throw new AttunetException(
                    file,
                    "JPEG changes the numbers of objects",
                    "PNG, TIFF, NIfTI or NRRD",
                    "save the label image in one of these");
        }
        if (isNrrd(file)) {
            return NrrdLabels.numbers(file);
        }
        if (Images.isSeries(file)) {
            throw new AttunetException(
                    file, "it is DICOM", "a label image in PNG, TIFF, NIfTI or NRRD", "convert it to one of these");
        }
        return Images.readNumbers(file);
    }

    /**
     * Writes the numbers in 16 bits, or 32 if one is above 65535: PNG (in 2D, 16 bits only), TIFF, NIfTI, NRRD (in 3D).
     *
     * @param file its suffix decides the format
     * @throws AttunetException if the format can't hold them
     */
    public void write(Path file) {
        switch (Images.suffix(file)) {
            case ".nii", ".nii.gz" -> NiftiWriter.write(this, file);
            case ".nrrd" -> NrrdLabels.write(this, file);
            case ".tif", ".tiff" -> TiffWriter.write(this, file);
            case ".png" -> RasterWriter.writePng(this, file);
            default ->
                throw new AttunetException(
                        file,
                        "its name ends with \"" + Images.suffix(file) + "\"",
                        "a format that keeps numbers of objects: .png, .tif, .nii.gz or .nrrd",
                        "choose one of these");
        }
    }

    /** The bits of each number in a file. */
    int bits() {
        return Arrays.stream(values).max().orElse(0) <= 0xffff ? 16 : 32;
    }

    /**
     * Reads the grid from the header alone.
     *
     * @param file a file that {@link #read} reads
     * @return the lattice of the voxels
     */
    public static Grid readGrid(Path file) {
        return isNrrd(file) ? NrrdLabels.readGrid(file) : Images.readGrid(file);
    }

    /**
     * {@return whether a file's name ends like that of a label image that is read: an image's other than JPEG, or
     * {@code .nrrd}}
     *
     * @param file its path
     */
    public static boolean isReadable(Path file) {
        return isNrrd(file) || (Images.isImage(file) && !Images.suffix(file).startsWith(".jp"));
    }

    private static boolean isNrrd(Path file) {
        return Images.suffix(file).equals(".nrrd");
    }

    static WholeNumbers of(NiftiReader nifti) throws IOException {
        return new WholeNumbers(nifti.grid(), nifti.numbers());
    }

    /** A stored number as a whole one; scaling may have added a rounding error, but no more. */
    static int number(Path file, double value) {
        double number = Math.rint(value);
        if (!(Math.abs(value - number) <= 1e-4)) {
            throw new AttunetException(
                    file,
                    "a voxel has the value " + value,
                    "whole numbers, one for each object",
                    "save the label image without interpolation, as whole numbers");
        }
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new AttunetException(
                    file,
                    "a voxel has the number " + (long) number,
                    "objects numbered from 1 to " + Integer.MAX_VALUE + ", and 0 elsewhere",
                    "renumber the objects");
        }
        return (int) number;
    }

    /** The same of a float32, which can't tell larger numbers apart. */
    static int exact(Path file, float value) {
        int number = number(file, value);
        if (number > LARGEST_EXACT) {
            throw new AttunetException(
                    file,
                    "a voxel has the number " + number + " in float32, where neighbouring numbers are equal",
                    "numbers up to " + LARGEST_EXACT + ", or whole numbers of 32 bits",
                    "renumber the objects");
        }
        return number;
    }
}
