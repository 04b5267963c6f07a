package org.attunet.server.monai;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.io.NrrdLabels;

/** Synthetic volumes of 24 x 20 x 16 voxels of 1 mm, as the shipped model has them, on a rotated and shifted grid. */
final class Volumes {
    static final Grid GRID = Grid.ofAffine(
            new int[] {24, 20, 16}, new double[][] {{-1, 0, 0, 90}, {0, 0.8, 0.6, -120}, {0, -0.6, 0.8, 7}});

    private Volumes() {}

    /** An image in which the shipped model finds a hippocampus: grey, with dark above it, in bright noise. */
    static Image image(long seed) {
        var random = new Random(seed);
        float[] values = new float[GRID.voxels()];
        for (int i = 0; i < values.length; i++) {
            double z = (i / 480 - 8) / 2.4;
            double inside = Math.pow((i % 24 - 12) / 3.6, 2) + Math.pow((i / 24 % 20 - 10) / 7.0, 2) + z * z;
            double grey = inside < 1 ? 110 : inside < 2 && z > 0 ? 10 : 150;
            values[i] = (float) (grey + 30 * random.nextDouble());
        }
        return Image.of(GRID, values);
    }

    /** The front half of an ellipsoid is 1, the back half 2. */
    static LabelMap labels() {
        short[] values = new short[GRID.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (short) (distance(i) > 1 ? 0 : i / 24 % 20 < 10 ? 1 : 2);
        }
        return new LabelMap(GRID, values);
    }

    private static double distance(int i) {
        double x = (i % 24 - 11.5) / 8;
        double y = (i / 24 % 20 - 9.5) / 7;
        double z = (i / 480 - 7.5) / 5;
        return x * x + y * y + z * z;
    }

    /** An image as a compressed NIfTI file's bytes. */
    static byte[] bytes(Image image, Path folder) throws IOException {
        Path file = folder.resolve("volume.nii.gz");
        Images.write(image, file);
        return Files.readAllBytes(file);
    }

    /** A label map as a file's bytes, in the format of a suffix. */
    static byte[] bytes(LabelMap labels, String suffix, Path folder) throws IOException {
        Path file = folder.resolve("labels" + suffix);
        if (suffix.equals(".nrrd")) {
            NrrdLabels.write(labels, file, labels.largest() > 255 ? 16 : 8, true);
        } else {
            Images.write(labels, file);
        }
        return Files.readAllBytes(file);
    }

    /** Reads a label map from a file's bytes. */
    static LabelMap read(byte[] bytes, String suffix, Path folder) throws IOException {
        Path file = Files.write(folder.resolve("read" + suffix), bytes);
        return suffix.equals(".nrrd") ? NrrdLabels.read(file) : Images.readLabels(file);
    }
}
