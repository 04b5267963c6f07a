package org.attunet.dicom.result;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/** Series of a body that looks like no mirror image or turn of itself: values of 1000 are an F, 2000 a box, 3000 a voxel. */
final class Phantom {
    static final int COLUMNS = 11;
    static final int ROWS = 9;
    static final int SLICES = 5;
    static final double[] AXIAL = {1, 0, 0, 0, 1, 0};
    static final double[] SAGITTAL = {0, 1, 0, 0, 0, -1};
    static final double[] CORONAL = {1, 0, 0, 0, 0, -1};
    static final double[] PRONE = {-1, 0, 0, 0, -1, 0};
    static final double[] OBLIQUE = {0.8, 0.6, 0, -0.36, 0.48, 0.8};

    private Phantom() {}

    /** The stored value of a pixel. */
    static int value(int column, int row, int slice) {
        boolean stem = column == 2 && row >= 1 && row < 8;
        boolean bars = (row == 1 && column > 2 && column < 7) || (row == 4 && column > 2 && column < 5);
        if (slice < 3 && (stem || bars)) {
            return 1000;
        }
        if (slice > 0 && slice < 4 && row > 4 && row < 8 && column > 6 && column < 10) {
            return 2000;
        }
        return slice == 1 && row == 0 && column == COLUMNS - 1 ? 3000 : column + row;
    }

    /** Writes a series, one file for each slice or one for all, in which slices follow one another against the normal. */
    static Series write(Path folder, double[] orientation, boolean oneFile) {
        if (oneFile) {
            DicomWriter.write(folder.resolve("all.dcm"), multiFrame(orientation));
        } else {
            for (int slice = 0; slice < SLICES; slice++) {
                DataSet set = elements(slice);
                set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, orientation);
                set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, position(orientation, slice));
                set.put(Tag.PIXEL_SPACING, Vr.DS, 0.75, 0.5);
                set.put(Tag.PIXEL_DATA, Vr.OW, pixels(slice));
                DicomWriter.write(folder.resolve(slice + ".dcm"), set);
            }
        }
        return Series.of(folder, share -> {}).get(0);
    }

    /** Writes a series of one file for each slice, tilted by 18.5 degrees, of which the last slice lies three gaps away. */
    static Series writeTilted(Path folder) {
        double tilt = Math.toRadians(18.5);
        for (int slice = 0; slice < SLICES; slice++) {
            DataSet set = elements(slice);
            set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, Math.cos(tilt), -Math.sin(tilt));
            set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -20.5, -31, 40 + (slice == SLICES - 1 ? 12 : 2 * slice));
            set.put(Tag.PIXEL_SPACING, Vr.DS, 0.75, 0.5);
            set.put(Tag.PIXEL_DATA, Vr.OW, pixels(slice));
            DicomWriter.write(folder.resolve(slice + ".dcm"), set);
        }
        return Series.of(folder, share -> {}).get(0);
    }

    /** The mask of the body: 1 for the F, 3 for the box. */
    static LabelMap mask(Series series) {
        Image image = series.image(share -> {});
        short[] labels = new short[image.grid().voxels()];
        for (int i = 0; i < labels.length; i++) {
            float value = image.channel(0)[i];
            labels[i] = (short) (value == 1000 ? 1 : value == 2000 ? 3 : 0);
        }
        return new LabelMap(image.grid(), labels);
    }

    private static double[] position(double[] o, int slice) {
        double[] normal = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
        return new double[] {-20.5 - 2 * slice * normal[0], -31 - 2 * slice * normal[1], 40 - 2 * slice * normal[2]};
    }

    private static DataSet multiFrame(double[] orientation) {
        DataSet set = elements(0);
        set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2.1");
        set.put(Tag.NUMBER_OF_FRAMES, Vr.IS, SLICES);
        DataSet turn = new DataSet();
        turn.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, orientation);
        DataSet measures = new DataSet();
        measures.put(Tag.PIXEL_SPACING, Vr.DS, 0.75, 0.5);
        DataSet shared = new DataSet();
        shared.put(Tag.PLANE_ORIENTATION_SEQUENCE, List.of(turn));
        shared.put(Tag.PIXEL_MEASURES_SEQUENCE, List.of(measures));
        set.put(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, List.of(shared));
        List<DataSet> frames = new ArrayList<>();
        ByteBuffer all = ByteBuffer.allocate(2 * COLUMNS * ROWS * SLICES);
        for (int slice = 0; slice < SLICES; slice++) {
            DataSet place = new DataSet();
            place.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, position(orientation, slice));
            DataSet frame = new DataSet();
            frame.put(Tag.PLANE_POSITION_SEQUENCE, List.of(place));
            frames.add(frame);
            all.put(pixels(slice));
        }
        set.put(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames);
        set.put(Tag.PIXEL_DATA, Vr.OW, all.array());
        return set;
    }

    private static byte[] pixels(int slice) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * COLUMNS * ROWS).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < COLUMNS * ROWS; i++) {
            bytes.putShort((short) value(i % COLUMNS, i / COLUMNS, slice));
        }
        return bytes.array();
    }

    private static DataSet elements(int slice) {
        DataSet set = new DataSet();
        set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
        set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2");
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, "1.2.3.4." + (slice + 1));
        set.put(Tag.MODALITY, Vr.CS, "CT");
        set.put(Tag.PATIENT_NAME, Vr.PN, "Doe^Jane");
        set.put(Tag.PATIENT_ID, Vr.LO, "17");
        set.put(ResultTag.STUDY_DATE, Vr.DA, "20200102");
        set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, "1.2.3");
        set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, "1.2.3.4");
        set.put(Tag.SERIES_NUMBER, Vr.IS, 4);
        set.put(ResultTag.FRAME_OF_REFERENCE_UID, Vr.UI, "1.2.3.9");
        set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1);
        set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
        set.put(Tag.ROWS, Vr.US, ROWS);
        set.put(Tag.COLUMNS, Vr.US, COLUMNS);
        set.put(Tag.BITS_ALLOCATED, Vr.US, 16);
        set.put(Tag.BITS_STORED, Vr.US, 16);
        set.put(Tag.HIGH_BIT, Vr.US, 15);
        set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 1);
        return set;
    }
}
