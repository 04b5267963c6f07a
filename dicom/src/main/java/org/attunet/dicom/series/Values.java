package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Element;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.pixel.Frames;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * What stored values mean: intensities by a slope and an intercept or a table (PS3.3, C.11.1), or colours.
 *
 * <p>Intensities keep their sense whether a display shows the lowest of them as white or as black.
 */
final class Values {
    private static final List<String> COLOURS =
            List.of("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "PALETTE COLOR");

    private final PixelFormat format;
    private final double slope;
    private final double intercept;
    private final @Nullable Table table;
    private final List<Table> palette;
    private final boolean inverse; // luminance and differences of colours instead of colours

    /**
     * A table of values.
     *
     * @param first the stored value of its first entry; lower ones have the same, and higher ones that of the last entry
     */
    private record Table(int first, float[] entries) {
        float of(float stored) {
            return entries[(int) Math.max(0, Math.min(entries.length - 1L, (long) stored - first))];
        }
    }

    /**
     * Finds what a slice's values mean.
     *
     * @throws AttunetException if they are neither grey nor colours of a known kind
     */
    Values(Slice slice, PixelFormat format) {
        DicomFile file = slice.file();
        String photometric = format.photometric();
        this.format = format;
        slope = slice.slope();
        intercept = slice.intercept();
        boolean grey = format.samples() == 1 && (photometric.isEmpty() || photometric.startsWith("MONOCHROME"));
        boolean indexed = format.samples() == 1 && photometric.equals("PALETTE COLOR");
        if (!grey && !indexed && (format.samples() != 3 || !COLOURS.contains(photometric))) {
            throw new AttunetException(
                    file.path(),
                    format.samples() + (format.samples() == 1 ? " sample" : " samples") + " a pixel in " + photometric,
                    "MONOCHROME1, MONOCHROME2, PALETTE COLOR or one of " + COLOURS,
                    "convert the series by another program");
        }
        List<DataSet> tables = grey ? file.elements().items(Tag.MODALITY_LUT_SEQUENCE) : List.of();
        table = tables.isEmpty() ? null : table(file, tables.get(0), Tag.LUT_DESCRIPTOR, Tag.LUT_DATA, format.signed());
        palette = new ArrayList<>();
        for (int colour = 0; indexed && colour < 3; colour++) {
            DataSet set = file.elements();
            palette.add(table(file, set, Tag.RED_PALETTE_DESCRIPTOR + colour, Tag.RED_PALETTE + colour, false));
        }
        inverse = format.samples() == 3 && photometric.startsWith("YBR_FULL");
    }

    /** The channels of each pixel: 1 of intensities, 3 of colours. */
    int channels() {
        return palette.isEmpty() ? format.samples() : 3;
    }

    /** Reads a frame's channels, each row by row. */
    float[][] read(Frames frames, int frame) {
        float[] stored = frames.numbers(frame);
        if (channels() == 1) {
            for (int k = 0; k < stored.length; k++) {
                stored[k] = intensity(stored[k]);
            }
            return new float[][] {stored};
        }
        float[][] colours = new float[3][format.rows() * format.columns()];
        for (int k = 0; k < colours[0].length; k++) {
            for (int colour = 0; colour < 3; colour++) {
                colours[colour][k] = palette.isEmpty()
                        ? stored[3 * k + colour]
                        : palette.get(colour).of(stored[k]);
            }
            if (inverse) {
                turn(colours, k);
            }
        }
        return colours;
    }

    /** The intensity of a stored value. */
    float intensity(float stored) {
        return table == null ? (float) (stored * slope + intercept) : table.of(stored);
    }

    /** From luminance and differences to red, green and blue (PS3.3, C.7.6.3.1.2). */
    private void turn(float[][] colours, int k) {
        int most = (1 << format.stored()) - 1;
        double half = 1 << (format.stored() - 1);
        double blue = colours[1][k] - half;
        double red = colours[2][k] - half;
        double light = colours[0][k];
        double[] turned = {light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue};
        for (int colour = 0; colour < 3; colour++) {
            colours[colour][k] = Math.max(0, Math.min(most, Math.round(turned[colour])));
        }
    }

    /** Reads a table; its descriptor gives its length (0 for 65,536), its first stored value and its bits. */
    private static Table table(DicomFile file, DataSet set, int descriptor, int data, boolean signed) {
        double[] described = set.numbers(descriptor, 3);
        Element element = set.find(data);
        if (described == null || element == null) {
            throw damaged(file, "a table of values without " + Tag.text(described == null ? descriptor : data));
        }
        int length = described[0] == 0 ? 1 << 16 : (int) described[0] & 0xFFFF;
        int first = signed ? (short) described[1] : (int) described[1] & 0xFFFF;
        byte[] bytes = element.value();
        boolean words = bytes.length >= 2 * length;
        if (bytes.length < length || length == 0) {
            throw damaged(file, "a table of " + length + " values in " + bytes.length + " bytes");
        }
        boolean colour = data != Tag.LUT_DATA;
        float[] entries = new float[length];
        for (int k = 0; k < length; k++) {
            int value = words ? (bytes[2 * k] & 0xFF) | (bytes[2 * k + 1] & 0xFF) << 8 : bytes[k] & 0xFF;
            entries[k] = colour && words && described[2] > 8 ? value >> 8 : value; // colours as pictures have them
        }
        return new Table(first, entries);
    }

    private static AttunetException damaged(DicomFile file, String found) {
        return new AttunetException(file.path(), found, "a whole table", "export the file again");
    }
}
