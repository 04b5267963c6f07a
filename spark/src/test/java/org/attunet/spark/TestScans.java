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

    private static Path write(Path file, Grid grid, int seed) {
        Random random = new Random(seed);
        float[] values = new float[grid.voxels()];
        float smooth = 128;
        for (int i = 0; i < values.length; i++) {
            smooth = 0.9f * smooth + 0.1f * 256 * random.nextFloat();
            values[i] = Math.round(Math.max(0, Math.min(255, 4 * (smooth - 128) + 128)));
        }
        Images.write(Image.of(grid, values), file);
        return file;
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
