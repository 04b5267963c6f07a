package org.attunet.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.attunet.io.Sha256;

/**
 * An image with its true mask, the unit that splits and folds are made of.
 *
 * @param image with an id that is unique in the data set
 * @param mask its labels
 */
public record Case(ImageCase image, Mask mask) {
    /** A case whose mask is one file. */
    public Case(ImageCase image, Path mask) {
        this(image, Mask.of(mask));
    }

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
     * Reads image and mask, and brings the mask to the image's grid as {@link Placement} decides.
     *
     * @throws AttunetException if a file is unreadable, the mask lies elsewhere or holds an undeclared label
     */
    public Pair read(LabelSet labels) {
        return read(labels, note -> {});
    }

    /** The same with the notes of {@link Mask#read(Path, org.attunet.image.Grid, LabelSet, Consumer)}. */
    public Pair read(LabelSet labels, Consumer<String> notes) {
        Image read = image.read(notes);
        return new Pair(read, mask.read(firstFile(), read.grid(), labels, notes));
    }

    /**
     * How the mask lies on the image, by the headers of all files.
     *
     * @throws AttunetException if it lies elsewhere
     */
    Placement placement(Grid grid) {
        if (mask.hasObjects()) { // by their reader
            return Placement.equal(grid);
        }
        List<Placement> placements = mask.files().stream()
                .map(file -> Images.isSeries(file)
                        ? Placement.equal(grid) // by its reader
                        : Placement.ofMask(file, firstFile()))
                .toList();
        return placements.get(0);
    }

    /**
     * The first 16 hexadecimal digits of the SHA-256 of the first image file, equal for copies of an image under other
     * names.
     */
    public String contentHash() {
        return hash(firstFile());
    }

    /** The same for each file of the case: the channels in their order, then those of the mask. */
    List<String> fileHashes() {
        return Stream.concat(image.files().stream(), mask.files().stream())
                .map(Case::hash)
                .toList();
    }

    private static String hash(Path file) {
        try {
            // equal headers of pairs don't make equal images
            return Sha256.ofFiles(Images.files(file)).substring(0, Split.HASH_DIGITS);
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
