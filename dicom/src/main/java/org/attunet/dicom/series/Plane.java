package org.attunet.dicom.series;

import java.util.Arrays;
import org.attunet.dicom.data.DicomFile;
import org.attunet.error.AttunetException;

/**
 * Where a frame lies, in DICOM's coordinates (PS3.3, C.7.6.2.1.1): millimetres, x to the patient's left, y to the back, z to
 * the head.
 *
 * <p>The arrays are shared, not copied, and must not be changed.
 *
 * @param position the centre of the first pixel
 * @param across the direction of a row, of length 1
 * @param down the direction of a column, of length 1
 * @param columnSpacing between the centres of pixels of a row
 * @param rowSpacing between the centres of pixels of a column
 * @param columns pixels of a row
 * @param rows pixels of a column
 */
public record Plane(
        double[] position,
        double[] across,
        double[] down,
        double columnSpacing,
        double rowSpacing,
        int columns,
        int rows) {

    /** How far directions may be from length 1 and from a right angle. */
    private static final double CROOKED = 0.01;

    /** The cosine of an angle below which directions are equal, about a quarter of a degree. */
    private static final double ALIKE = 1 - 1e-5;

    /** Which share spacings that are equal may differ by. */
    private static final double ROUNDED = 1e-3;

    /** No patient and no pixel is as large, in mm. */
    private static final double LARGEST = 1e6;

    /**
     * {@return a plane of what a header says}
     *
     * @param orientation of a row, then of a column, three numbers each
     * @param spacing between rows, then between columns
     * @throws AttunetException if the directions aren't at right angles, or a spacing isn't above 0
     */
    static Plane of(DicomFile file, double[] position, double[] orientation, double[] spacing, int columns, int rows) {
        double[] across = Arrays.copyOf(orientation, 3);
        double[] down = Arrays.copyOfRange(orientation, 3, 6);
        boolean upright = Math.abs(Vectors.length(across) - 1) < CROOKED
                && Math.abs(Vectors.length(down) - 1) < CROOKED
                && Math.abs(Vectors.dot(across, down)) < CROOKED;
        boolean sized = Math.min(spacing[0], spacing[1]) > 0 && Math.max(spacing[0], spacing[1]) < LARGEST;
        if (!(Vectors.length(position) < LARGEST)) {
            throw new AttunetException(
                    file.path(), "a position of " + Arrays.toString(position), "one in mm", "export the file again");
        }
        if (!upright || !sized) {
            throw new AttunetException(
                    file.path(),
                    "an orientation of " + Arrays.toString(orientation) + " and a pixel spacing of "
                            + Arrays.toString(spacing),
                    "two directions at right angles and spacings above 0",
                    "export the file again");
        }
        return new Plane(position, Vectors.unit(across), Vectors.unit(down), spacing[1], spacing[0], columns, rows);
    }

    /** {@return the direction in which slices follow one another: across x down} */
    public double[] normal() {
        return Vectors.cross(across, down);
    }

    /** Whether a plane of another place has these sizes, directions and spacings but for roundings. */
    boolean isLike(Plane other) {
        return columns == other.columns
                && rows == other.rows
                && Vectors.dot(across, other.across) > ALIKE
                && Vectors.dot(down, other.down) > ALIKE
                && Math.abs(columnSpacing - other.columnSpacing) <= ROUNDED * columnSpacing
                && Math.abs(rowSpacing - other.rowSpacing) <= ROUNDED * rowSpacing;
    }

    /** Where the plane's first pixel lies along a direction. */
    double along(double[] direction) {
        return Vectors.dot(position, direction);
    }
}
