package org.attunet.server;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/** Volumes as axial slices in DICOM, with a patient's name that nobody may see. */
public final class DicomScans {
    public static final String STUDY = "2.25.111";
    public static final String SERIES = "2.25.222";
    public static final String PATIENT = "Secret^Patient";

    private DicomScans() {}

    /** Writes {@link Scans#volume}'s values as slices of a head-first supine patient; returns the files. */
    public static List<Path> volume(Path folder, int seed) {
        return write(folder, Scans.volume(seed), SERIES);
    }

    /** Writes an image's slices. */
    public static List<Path> write(Path folder, Image image, String series) {
        Grid grid = image.grid();
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < grid.size(2); k++) {
            DataSet set = new DataSet();
            set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
            set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2");
            set.put(Tag.SOP_INSTANCE_UID, Vr.UI, series + "." + (k + 1));
            set.put(0x0008_0020, Vr.DA, "20200102");
            set.put(0x0008_0030, Vr.TM, "101112");
            set.put(Tag.MODALITY, Vr.CS, "CT");
            set.put(0x0010_0010, Vr.PN, PATIENT);
            set.put(0x0010_0020, Vr.LO, "SECRET-ID");
            set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, STUDY);
            set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, series);
            set.put(Tag.SERIES_NUMBER, Vr.IS, 4.0);
            set.put(Tag.INSTANCE_NUMBER, Vr.IS, k + 1.0);
            set.put(0x0020_0052, Vr.UI, series + ".9999");
            set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -10.0, -20.0, 1.3 * k);
            set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0);
            set.put(Tag.PIXEL_SPACING, Vr.DS, 1.2, 1.1);
            set.put(Tag.SLICE_THICKNESS, Vr.DS, 1.3);
            set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1.0);
            set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
            set.put(Tag.ROWS, Vr.US, grid.size(1));
            set.put(Tag.COLUMNS, Vr.US, grid.size(0));
            set.put(Tag.BITS_ALLOCATED, Vr.US, 16.0);
            set.put(Tag.BITS_STORED, Vr.US, 16.0);
            set.put(Tag.HIGH_BIT, Vr.US, 15.0);
            set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 1.0);
            set.put(Tag.PIXEL_DATA, Vr.OW, pixels(image, k));
            Path file = folder.resolve(String.format("IM%03d", k));
            DicomWriter.write(file, set);
            files.add(file);
        }
        return files;
    }

    private static byte[] pixels(Image image, int k) {
        int plane = image.grid().size(0) * image.grid().size(1);
        ByteBuffer bytes = ByteBuffer.allocate(2 * plane).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < plane; i++) {
            bytes.putShort((short) Math.round(image.channel(0)[k * plane + i]));
        }
        return bytes.array();
    }
}
