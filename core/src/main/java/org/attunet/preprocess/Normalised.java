package org.attunet.preprocess;

import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;

/**
 * A normalised image together with the way back to its own intensities.
 *
 * @param image the normalised image
 * @param scalings what was done, one per channel
 */
public record Normalised(Image image, List<Scaling> scalings) {
    /** Checks that there is one scaling per channel. */
    public Normalised {
        scalings = List.copyOf(scalings);
        if (scalings.size() != image.channels().length) {
            throw new AttunetException(
                    "normalisation",
                    scalings.size() + " scalings",
                    image.channels().length + " for as many channels",
                    "give one per channel");
        }
    }

    /**
     * An image in normalised intensities, on any grid, brought back to the original's intensities. What a clip cut off
     * comes back as the limit.
     *
     * @throws AttunetException where the number of channels differs from the normalised image's
     */
    public Image invert(Image normalised) {
        int count = normalised.channels().length;
        if (count != scalings.size()) {
            throw new AttunetException(
                    "image",
                    count + " channels",
                    scalings.size() + " channels",
                    "give the normalised image's channels");
        }
        float[][] channels = new float[count][];
        for (int c = 0; c < count; c++) {
            channels[c] = scalings.get(c).invert(normalised.channel(c));
        }
        return new Image(normalised.grid(), channels);
    }
}
