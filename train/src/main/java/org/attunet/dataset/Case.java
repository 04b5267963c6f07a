package org.attunet.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Sizes;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Sha256;

/**
 * An image with its true mask, the unit that splits and folds are made of.
 *
 * @param image with an id that is unique in the data set
 * @param mask the label map's file
 */
public record Case(ImageCase image, Path mask) {
    private static final int LABEL_VALUES = 65536;

    /**
     * A case in memory.
     *
     * @param image all channels
     * @param labels the mask on the image's own grid
     */
    public record Pair(Image image, LabelMap labels) {}

    /** The image's id. */
    public String id() {
        return image.id();
    }

    /** The file of the first channel. */
    public Path firstFile() {
        return image.files().get(0);
    }

    /**
     * Reads image and mask. The mask is placed on the image's grid: if their affines differ, the image's is taken, since
     * the mask was drawn on its voxels.
     *
     * @throws AttunetException if a file is unreadable, the sizes differ or the mask holds an undeclared label
     */
    public Pair read(LabelSet labels) {
        Image read = image.read();
        LabelMap map = Images.readLabels(mask);
        requireSize(map.grid(), read.grid());
        LabelMap onImage = new LabelMap(read.grid(), map.voxels());
        checkDeclared(onImage, labels);
        return new Pair(read, onImage);
    }

    /** Checks that the mask's grid has the image's size. */
    void requireSize(Grid maskGrid, Grid imageGrid) {
        if (!Arrays.equals(maskGrid.size(), imageGrid.size())) {
            throw new AttunetException(
                    mask,
                    "the mask's size is " + Sizes.text(maskGrid.size()),
                    Sizes.text(imageGrid.size()) + " as its image " + firstFile() + " has",
                    "export the mask on the image's own grid");
        }
    }

    private void checkDeclared(LabelMap map, LabelSet labels) {
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
                        mask,
                        "the mask holds the label " + value,
                        "0 or a declared label (" + labels + ")",
                        "declare " + value + " under labels in dataset.json, or correct the mask");
            }
        }
    }

    /**
     * The first 16 hexadecimal digits of the SHA-256 of the first image file, equal for copies of an image under other
     * names.
     */
    public String contentHash() {
        return hash(firstFile());
    }

    /** The same for each file of the case: the channels in their order, then the mask. */
    List<String> fileHashes() {
        return Stream.concat(image.files().stream(), Stream.of(mask))
                .map(Case::hash)
                .toList();
    }

    private static String hash(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return Sha256.hex(in, Long.MAX_VALUE).substring(0, Split.HASH_DIGITS);
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(),
                    "it cannot be read (" + e.getMessage() + ")",
                    "a readable file",
                    "check that it exists and its permissions",
                    e);
        }
    }
}
