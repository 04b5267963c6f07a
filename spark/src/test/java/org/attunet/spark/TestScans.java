package org.attunet.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;

/** Scans of blurred noise, so that masks have more than one label. */
public final class TestScans {
    private TestScans() {}

    /** A grey picture, PNG or another kind by its name. */
    public static Path picture(Path file, int seed, int... size) {
        return write(file, Grid.of(size), seed);
    }

    /** A NIfTI volume with spacing of its own. */
    public static Path volume(Path file, int seed, int... size) {
        return write(file, Grid.of(size, new double[] {0.8, 1.1, 2.5}), seed);
    }

    /** A DICOM series of 20 x 17 pixels in a folder of its own. */
    public static Path series(Path folder, int seed, int slices) {
        Image image = noise(Grid.of(20, 17, slices), seed);
        for (int k = 0; k < slices; k++) {
            DataSet set = new DataSet();
            set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.4");
            set.put(Tag.SOP_INSTANCE_UID, Vr.UI, "1.2." + seed + "." + (k + 1));
            set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, "1.3." + seed);
            set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, "1.4." + seed);
            set.put(Tag.MODALITY, Vr.CS, "MR");
            set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, 0, 0, 2.5 * k);
            set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0);
            set.put(Tag.PIXEL_SPACING, Vr.DS, 1.1, 0.8);
            set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1);
            set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
            set.put(Tag.ROWS, Vr.US, 17);
            set.put(Tag.COLUMNS, Vr.US, 20);
            set.put(Tag.BITS_ALLOCATED, Vr.US, 8);
            set.put(Tag.BITS_STORED, Vr.US, 8);
            set.put(Tag.HIGH_BIT, Vr.US, 7);
            set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
            byte[] pixels = new byte[20 * 17];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (int) image.channel(0)[k * pixels.length + i];
            }
            set.put(Tag.PIXEL_DATA, Vr.OB, pixels);
            DicomWriter.write(folder.resolve("IM" + k), set);
        }
        return folder;
    }

    private static Path write(Path file, Grid grid, int seed) {
        Images.write(noise(grid, seed), file);
        return file;
    }

    private static Image noise(Grid grid, int seed) {
        Random random = new Random(seed);
        float[] values = new float[grid.voxels()];
        float smooth = 128;
        for (int i = 0; i < values.length; i++) {
            smooth = 0.9f * smooth + 0.1f * 256 * random.nextFloat();
            values[i] = Math.round(Math.max(0, Math.min(255, 4 * (smooth - 128) + 128)));
        }
        return Image.of(grid, values);
    }

    /** The files below a folder by their relative paths, with their contents as text of one byte each. */
    public static Map<String, String> contents(Path folder) {
        var contents = new TreeMap<String, String>();
        for (Path file : files(folder)) {
            try {
                contents.put(
                        folder.relativize(file).toString(),
                        Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return contents;
    }

    /** All files below a folder. */
    public static List<Path> files(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
