package org.attunet.dataset;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Placement;

/**
 * The mask of an image as it lies on disk: the one way in which true masks and predicted ones are read, for training and
 * every evaluation.
 *
 * @param files one
 */
public record Mask(List<Path> files) {
    private static final int LABEL_VALUES = 65536;

    /** Copies the list. */
    public Mask {
        files = List.copyOf(files);
    }

    /** A mask of one file. */
    public static Mask of(Path file) {
        return new Mask(List.of(file));
    }

    /** The first file. */
    public Path firstFile() {
        return files.get(0);
    }

    /**
     * Reads the labels on the grid of an image.
     *
     * @param image the image's file, or that of a mask to compare with
     * @param grid the image's grid
     * @param labels the labels that may occur
     * @throws AttunetException if a file is unreadable, lies elsewhere or holds an undeclared label
     */
    public LabelMap read(Path image, Grid grid, LabelSet labels) {
        Path file = firstFile();
        LabelMap map = Placement.ofMask(file, image).apply(Images.readLabels(file), grid);
        requireDeclared(file, map, labels);
        return map;
    }

    private static void requireDeclared(Path file, LabelMap map, LabelSet labels) {
        // flags by value: a look-up by position instead of a search for each voxel
        boolean[] declared = new boolean[LABEL_VALUES];
        declared[0] = true;
        for (int value : labels.values()) {
            declared[value] = true;
        }
        for (int i = 0; i < map.voxels().length; i++) {
            int value = map.label(i);
            if (!declared[value]) {
                throw new AttunetException(
                        file,
                        "the mask holds the label " + value,
                        "0 or a declared label (" + labels + ")",
                        "declare " + value + " under labels in dataset.json, or correct the mask");
            }
        }
    }
}
