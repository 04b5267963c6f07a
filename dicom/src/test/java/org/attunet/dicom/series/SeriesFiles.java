package org.attunet.dicom.series;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;

/** Writes series of 4 x 3 pixels, of which voxel (column x, row y, slice k) has the stored value 100 k + 10 y + x. */
public final class SeriesFiles {
    static final int COLUMNS = 4;
    static final int ROWS = 3;

    private SeriesFiles() {}

    /** Writes a slice. */
    public static void slice(
            Path folder, String name, String series, double[] orientation, double[] position, int number) {
        write(folder.resolve(name), elements(series, orientation, position, number), number);
    }

    static DicomBytes elements(String series, double[] orientation, double[] position, int number) {
        return DicomBytes.explicit()
                .text(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2")
                .text(Tag.SOP_INSTANCE_UID, Vr.UI, series + "." + (number + 1))
                .text(Tag.MODALITY, Vr.CS, "CT")
                .text(Tag.STUDY_INSTANCE_UID, Vr.UI, "1.2.3")
                .text(Tag.SERIES_INSTANCE_UID, Vr.UI, series)
                .text(Tag.SERIES_NUMBER, Vr.IS, "1")
                .text(Tag.INSTANCE_NUMBER, Vr.IS, Integer.toString(number + 1))
                .text(Tag.IMAGE_POSITION_PATIENT, Vr.DS, decimals(position))
                .text(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, decimals(orientation))
                .number(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .number(Tag.ROWS, ROWS)
                .number(Tag.COLUMNS, COLUMNS)
                .text(Tag.PIXEL_SPACING, Vr.DS, "0.75\\0.5")
                .number(Tag.BITS_ALLOCATED, 16)
                .number(Tag.BITS_STORED, 16)
                .number(Tag.HIGH_BIT, 15)
                .number(Tag.PIXEL_REPRESENTATION, 1)
                .text(Tag.RESCALE_INTERCEPT, Vr.DS, "-1000")
                .text(Tag.RESCALE_SLOPE, Vr.DS, "2");
    }

    static void write(Path path, DicomBytes elements, int number) {
        short[] values = new short[COLUMNS * ROWS];
        for (int k = 0; k < values.length; k++) {
            values[k] = (short) (100 * number + 10 * (k / COLUMNS) + k % COLUMNS);
        }
        byte[] file = elements.words(Tag.PIXEL_DATA, values).file("1.2.840.10008.1.2.1");
        try {
            Files.createDirectories(path.getParent());
            Files.write(path, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes slices whose names are in the reverse order of their places: from a position in even steps. */
    public static void even(Path folder, double[] orientation, double[] first, double[] step, int count) {
        for (int k = 0; k < count; k++) {
            double[] position = {first[0] + k * step[0], first[1] + k * step[1], first[2] + k * step[2]};
            slice(folder, (count - k) + ".dcm", "1.2.3.4", orientation, position, k);
        }
    }

    private static String decimals(double[] values) {
        return Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining("\\"));
    }
}
