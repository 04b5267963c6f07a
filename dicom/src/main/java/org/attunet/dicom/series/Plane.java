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
        if (!upright || !(spacing[0] > 0) || !(spacing[1] > 0)) {
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

    /** Where the plane's first pixel lies along a direction. */
    double along(double[] direction) {
        return Vectors.dot(position, direction);
    }
}
