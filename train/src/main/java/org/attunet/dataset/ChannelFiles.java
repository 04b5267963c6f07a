package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.Sizes;
import org.attunet.io.Images;

/**
 * An image without a mask: one file, or one file for each channel.
 *
 * @param id the name that results carry
 * @param images the files in the order of the channels, one or more; a file may itself hold several channels
 */
public record ChannelFiles(String id, List<Path> images) {
    /** Copies the list and checks that it is not empty. */
    public ChannelFiles {
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new AttunetException("case " + id, "no image file", "one file or more", "add its image");
        }
    }

    /**
     * The channels of all files as one image on the first file's grid.
     *
     * @throws AttunetException where a file cannot be read or its size differs from the first file's
     */
    public Image read() {
        Image first = Images.read(images.get(0));
        if (images.size() == 1) {
            return first;
        }
        List<float[]> channels = new ArrayList<>(Arrays.asList(first.channels()));
        for (Path file : images.subList(1, images.size())) {
            Image next = Images.read(file);
            if (!Arrays.equals(next.grid().size(), first.grid().size())) {
                throw new AttunetException(
                        file,
                        "the size is " + Sizes.text(next.grid().size()),
                        Sizes.text(first.grid().size()) + " as in " + images.get(0),
                        "resample the channels of case " + id + " to one grid");
            }
            channels.addAll(Arrays.asList(next.channels()));
        }
        return new Image(first.grid(), channels.toArray(float[][]::new));
    }
}
