package org.attunet.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Sizes;
import org.attunet.io.Images;

/**
 * An image with the mask that somebody drew on it; splits go by case.
 *
 * @param id unique in its data set
 * @param images the files in the order of the channels, one or more
 * @param mask the label map's file
 */
public record Case(String id, List<Path> images, Path mask) {
    /** Copies the list. */
    public Case {
        images = List.copyOf(images);
    }

    /**
     * A case in memory.
     *
     * @param image all channels
     * @param labels the mask on the image's own grid
     */
    public record Pair(Image image, LabelMap labels) {}

    /** The image part alone. */
    public ChannelFiles scan() {
        return new ChannelFiles(id, images);
    }

    /**
     * Reads image and mask. The mask is placed on the image's grid: where the two headers disagree about the world
     * coordinates the image is believed, as the mask was drawn on its voxels.
     *
     * @throws AttunetException where a file is unreadable, the sizes differ or the mask holds an undeclared label
     */
    public Pair read(LabelSet labels) {
        Image image = scan().read();
        LabelMap read = Images.readLabels(mask);
        if (!Arrays.equals(read.grid().size(), image.grid().size())) {
            throw sizesDiffer(
                    Sizes.text(read.grid().size()), Sizes.text(image.grid().size()));
        }
        LabelMap onImage = new LabelMap(image.grid(), read.voxels());
        checkDeclared(onImage, labels);
        return new Pair(image, onImage);
    }

    /** The failure of a mask that does not fit its image. */
    AttunetException sizesDiffer(String maskSize, String imageSize) {
        return new AttunetException(
                mask,
                "the mask's size is " + maskSize,
                imageSize + " as its image " + images.get(0) + " has",
                "export the mask on the image's own grid");
    }

    private void checkDeclared(LabelMap map, LabelSet labels) {
        // 65536 flags: a look-up by position instead of a search for each voxel
        boolean[] declared = new boolean[65536];
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
     * The first 16 hexadecimal digits of the SHA-256 of the first image file: the same image under another name has the
     * same hash.
     */
    public String contentHash() {
        Path file = images.get(0);
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(),
                    "it cannot be read (" + e.getMessage() + ")",
                    "a readable file",
                    "check that it exists and its permissions",
                    e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }
}
