package org.attunet.dicom.data;

import java.util.Set;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * What an image's pixels are (PS3.3, C.7.6.3).
 *
 * @param rows pixels of a column, 1 or more
 * @param columns pixels of a row, 1 or more
 * @param frames images in the file, 1 or more
 * @param samples numbers of a pixel: 1, or 3 for colours
 * @param allocated bits of a number in the file: 1, 8, 16 or 32, or 64 of a real one
 * @param stored bits of a number that count, at most {@code allocated}
 * @param highBit the highest of them
 * @param signed whether they are two's complements
 * @param photometric the photometric interpretation, such as MONOCHROME2
 * @param planar whether colours of native pixel data lie in planes
 * @param real whether they are floating-point numbers
 */
public record PixelFormat(
        int rows,
        int columns,
        int frames,
        int samples,
        int allocated,
        int stored,
        int highBit,
        boolean signed,
        String photometric,
        boolean planar,
        boolean real) {
    private static final Set<Integer> ALLOCATED = Set.of(1, 8, 16, 32);

    /**
     * Reads it from a file's elements.
     *
     * @throws AttunetException if the elements don't describe pixels, or pixels that attunet doesn't read
     */
    public static PixelFormat of(DicomFile file) {
        DataSet set = file.elements();
        DataSetReader.PixelData pixels = file.pixels();
        boolean real = pixels != null && pixels.tag() != Tag.PIXEL_DATA;
        int allocated = set.integer(Tag.BITS_ALLOCATED, 0);
        int stored = set.integer(Tag.BITS_STORED, allocated);
        PixelFormat format = new PixelFormat(
                set.integer(Tag.ROWS, 0),
                set.integer(Tag.COLUMNS, 0),
                set.integer(Tag.NUMBER_OF_FRAMES, 1),
                set.integer(Tag.SAMPLES_PER_PIXEL, 1),
                allocated,
                stored,
                set.integer(Tag.HIGH_BIT, stored - 1),
                set.integer(Tag.PIXEL_REPRESENTATION, 0) == 1,
                set.text(Tag.PHOTOMETRIC_INTERPRETATION),
                set.integer(Tag.PLANAR_CONFIGURATION, 0) == 1,
                real);
        format.check(file, pixels);
        return format;
    }

    private void check(DicomFile file, DataSetReader.@Nullable PixelData pixels) {
        boolean sized = rows >= 1 && columns >= 1 && frames >= 1 && rows <= 0xFFFF && columns <= 0xFFFF;
        boolean fits = stored >= 1 && stored <= allocated && highBit >= stored - 1 && highBit < allocated;
        boolean number = (real && pixels != null)
                ? allocated == (pixels.tag() == Tag.DOUBLE_PIXEL_DATA ? 64 : 32) && samples == 1
                : ALLOCATED.contains(allocated);
        if (!sized || !number || !fits || (samples != 1 && samples != 3)) {
            throw new AttunetException(
                    file.path(),
                    "pixels of " + columns + " x " + rows + " x " + frames + ", " + samples + " samples, " + stored
                            + " of " + allocated + " bits, high bit " + highBit,
                    "an image of 1 or 3 samples a pixel and 1, 8, 16 or 32 bits (real numbers: 32 or 64)",
                    "export the image again");
        }
        if ((long) rows * columns * samples > Integer.MAX_VALUE / 8) {
            throw new AttunetException(
                    file.path(), columns + " x " + rows + " pixels", "frames of fewer pixels", "export smaller frames");
        }
    }

    /** {@return whether native pixel data has colours for every second pixel of a row: Y, Y, Cb, Cr} */
    public boolean halfColours() {
        return samples == 3 && allocated == 8 && photometric.endsWith("_422");
    }

    /** {@return the bits of a frame of native pixel data; frames of single bits aren't padded to bytes} */
    public long frameBits() {
        return (long) rows * columns * (halfColours() ? 2 : samples) * allocated;
    }

    /** {@return the numbers of a frame} */
    public int frameSamples() {
        return rows * columns * samples;
    }
}
