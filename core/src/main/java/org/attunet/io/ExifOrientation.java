package org.attunet.io;

import java.io.IOException;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/**
 * The turn or reflection that makes a stored picture upright, as viewers show it. Source: EXIF 2.32, tag 274; TIFF 6.0,
 * section 8.
 *
 * @param code 1 (as stored) to 8
 */
record ExifOrientation(int code) {
    static final ExifOrientation AS_STORED = new ExifOrientation(1);

    /** The orientation with a number; viewers ignore numbers that aren't defined. */
    static ExifOrientation of(int code) {
        return code >= 1 && code <= 8 ? new ExifOrientation(code) : AS_STORED;
    }

    /** The orientation of a picture's EXIF data, which are a TIFF structure; damaged ones are ignored as viewers do. */
    static ExifOrientation of(Path file, byte[] exif) {
        if (exif.length < 8) {
            return AS_STORED;
        }
        try {
            return of(TiffFile.first(file, exif).number(TiffTag.ORIENTATION, 1));
        } catch (IOException | AttunetException e) {
            return AS_STORED;
        }
    }

    /** Whether width and height change places. */
    boolean swapsAxes() {
        return code >= 5;
    }

    /** The upright samples of a stored band, row by row from the top left. */
    float[] upright(float[] stored, int width, int height) {
        if (code == 1) {
            return stored;
        }
        int columns = swapsAxes() ? height : width;
        int rows = swapsAxes() ? width : height;
        float[] upright = new float[stored.length];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                upright[y * columns + x] = stored[index(x, y, width, height)];
            }
        }
        return upright;
    }

    /** The stored position of the upright pixel (x, y). */
    private int index(int x, int y, int width, int height) {
        int right = width - 1;
        int bottom = height - 1;
        return switch (code) {
            case 2 -> y * width + right - x;
            case 3 -> (bottom - y) * width + right - x;
            case 4 -> (bottom - y) * width + x;
            case 5 -> x * width + y;
            case 6 -> (bottom - x) * width + y;
            case 7 -> (bottom - x) * width + right - y;
            case 8 -> x * width + right - y;
            default -> y * width + x;
        };
    }
}
