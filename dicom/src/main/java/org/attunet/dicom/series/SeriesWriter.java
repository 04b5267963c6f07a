package org.attunet.dicom.series;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/**
 * Writes a volume as a series of CT or MR images (PS3.3, A.3 and A.4), a file for each slice, of a patient without name and of
 * a study of its own. Read again, it is the same volume.
 *
 * <p>Whole numbers of 16 bits are written as they are. Others are written in 65,535 steps from the lowest to the highest.
 */
public final class SeriesWriter {
    /** Kinds of images by their modality. */
    private static final Map<String, String> CLASSES =
            Map.of("CT", "1.2.840.10008.5.1.4.1.1.2", "MR", "1.2.840.10008.5.1.4.1.1.4");

    private static final int STEPS = 65_535;

    /** Elements that must be there, but may be empty, for what a volume doesn't tell. */
    private static final Map<Integer, Vr> EMPTY = Map.ofEntries(
            Map.entry(Tag.PATIENT_NAME, Vr.PN),
            Map.entry(Tag.PATIENT_ID, Vr.LO),
            Map.entry(0x0010_0030, Vr.DA), // birth date
            Map.entry(0x0010_0040, Vr.CS), // sex
            Map.entry(0x0008_0020, Vr.DA), // study
            Map.entry(0x0008_0030, Vr.TM),
            Map.entry(0x0008_0050, Vr.SH),
            Map.entry(0x0008_0070, Vr.LO), // manufacturer
            Map.entry(0x0008_0090, Vr.PN),
            Map.entry(0x0020_0010, Vr.SH),
            Map.entry(0x0020_0060, Vr.CS), // laterality
            Map.entry(0x0020_1040, Vr.LO), // position reference
            Map.entry(Tag.ACQUISITION_NUMBER, Vr.IS),
            Map.entry(0x0018_5100, Vr.CS)); // patient's position

    private final Image image;
    private final String modality;
    private final double slope;
    private final double intercept;
    private final boolean signed;

    private SeriesWriter(Image image, String modality) {
        this.image = image;
        this.modality = modality;
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        boolean whole = true;
        for (float value : image.channel(0)) {
            lowest = Math.min(lowest, value);
            highest = Math.max(highest, value);
            whole &= value == Math.rint(value);
        }
        boolean asStored = whole && highest - lowest <= STEPS && lowest >= Short.MIN_VALUE && highest <= STEPS;
        signed = asStored && lowest < 0;
        boolean plain = asStored && (!signed || highest <= Short.MAX_VALUE);
        intercept = plain ? 0 : lowest;
        slope = plain || highest == lowest ? 1 : ((double) highest - lowest) / STEPS;
    }

    /**
     * Writes a volume.
     *
     * @param folder which is made if it isn't there; files are named 0001.dcm and so on
     * @param volume of three axes and one channel, with rows, columns and slices at right angles, in finite numbers
     * @param modality CT or MR
     * @return the files, in the order of the volume's slices
     * @throws AttunetException if the volume isn't such, or a file can't be written
     */
    public static List<Path> write(Path folder, Image volume, String modality) {
        ConfigException.check(CLASSES.containsKey(modality), "modality", modality, "CT or MR");
        Grid grid = volume.grid();
        if (grid.dimension() != 3 || volume.channels().length != 1) {
            throw new AttunetException(
                    folder.toString(), volume.toString(), "a volume of one channel", "write its channels one by one");
        }
        volume.requireFinite(folder.toString());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(), "it can't be made (" + e + ")", "a folder", "choose another", e);
        }
        SeriesWriter writer = new SeriesWriter(volume, modality);
        DataSet common = writer.common(folder);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < grid.size(2); k++) {
            Interruption.check();
            Path file = folder.resolve(String.format("%04d.dcm", k + 1));
            DicomWriter.write(file, writer.slice(common, k));
            files.add(file);
        }
        return files;
    }

    /** What all slices have in common. */
    private DataSet common(Path folder) {
        Grid grid = image.grid();
        DataSet set = new DataSet();
        set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
        EMPTY.forEach((tag, vr) -> set.put(tag, vr, new byte[0]));
        set.put(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "SECONDARY", modality.equals("CT") ? "AXIAL" : "OTHER");
        set.put(Tag.SOP_CLASS_UID, Vr.UI, CLASSES.getOrDefault(modality, ""));
        set.put(Tag.MODALITY, Vr.CS, modality);
        set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(0x0020_0052, Vr.UI, Uid.random()); // frame of reference
        set.put(Tag.SERIES_NUMBER, Vr.IS, 1);
        double[] across = direction(0, 1);
        double[] down = direction(1, -1);
        if (Math.abs(Vectors.dot(across, down)) > 1e-4) {
            throw new AttunetException(
                    folder.toString(),
                    "rows and columns aren't at right angles",
                    "a volume without shear",
                    "resample it");
        }
        set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, across[0], across[1], across[2], down[0], down[1], down[2]);
        set.put(Tag.PIXEL_SPACING, Vr.DS, grid.spacing(1), grid.spacing(0));
        set.put(Tag.SLICE_THICKNESS, Vr.DS, grid.spacing(2));
        set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1);
        set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
        set.put(Tag.ROWS, Vr.US, grid.size(1));
        set.put(Tag.COLUMNS, Vr.US, grid.size(0));
        set.put(Tag.BITS_ALLOCATED, Vr.US, 16);
        set.put(Tag.BITS_STORED, Vr.US, 16);
        set.put(Tag.HIGH_BIT, Vr.US, 15);
        set.put(Tag.PIXEL_REPRESENTATION, Vr.US, signed ? 1 : 0);
        set.put(Tag.RESCALE_INTERCEPT, Vr.DS, intercept);
        set.put(Tag.RESCALE_SLOPE, Vr.DS, slope);
        if (modality.equals("CT")) {
            set.put(Tag.KVP, Vr.DS, new byte[0]);
            set.put(0x0028_1054, Vr.LO, "HU"); // rescale type
        } else {
            set.put(0x0018_0020, Vr.CS, "RM"); // scanning sequence: research
            set.put(0x0018_0021, Vr.CS, "NONE");
            set.put(0x0018_0022, Vr.CS, new byte[0]);
            set.put(0x0018_0023, Vr.CS, new byte[0]);
            set.put(Tag.ECHO_TIME, Vr.DS, new byte[0]);
            set.put(0x0018_0080, Vr.DS, new byte[0]);
            set.put(0x0018_0091, Vr.IS, new byte[0]);
        }
        return set;
    }

    /** The direction of an axis in DICOM's coordinates, of length 1. */
    private double[] direction(int axis, int sign) {
        double[][] affine = image.grid().affine();
        return Vectors.unit(new double[] {-sign * affine[0][axis], -sign * affine[1][axis], sign * affine[2][axis]});
    }

    private DataSet slice(DataSet common, int k) {
        Grid grid = image.grid();
        int columns = grid.size(0);
        int rows = grid.size(1);
        double[][] affine = grid.affine();
        double[] position = new double[3]; // of the last row, which is the first in DICOM
        for (int axis = 0; axis < 3; axis++) {
            double world = affine[axis][3] + (rows - 1) * affine[axis][1] + k * affine[axis][2];
            position[axis] = axis < 2 ? -world : world;
        }
        ByteBuffer pixels = ByteBuffer.allocate(2 * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
        for (int y = rows - 1; y >= 0; y--) {
            for (int x = 0; x < columns; x++) {
                double value = image.channel(0)[(k * rows + y) * columns + x];
                pixels.putShort((short) Math.round((value - intercept) / slope));
            }
        }
        DataSet set = new DataSet();
        common.elements().forEach(set::put);
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.INSTANCE_NUMBER, Vr.IS, k + 1);
        set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, position);
        set.put(Tag.PIXEL_DATA, Vr.OW, pixels.array());
        return set;
    }
}
