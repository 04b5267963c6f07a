package org.attunet.image;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.attunet.error.AttunetException;

/**
 * Intensities on a grid, one array per channel. The arrays are shared, not copied, and must not change afterwards.
 *
 * @param grid the lattice of the voxels
 * @param channels one array of {@code grid.voxels()} values per channel, in the grid's order (x fastest)
 */
public record Image(Grid grid, float[][] channels) {
    public Image {
        if (channels.length == 0) {
            throw new AttunetException("image", "no channel", "one channel or more", "check how the image was read");
        }
        for (float[] channel : channels) {
            grid.requireLength("image", channel.length);
        }
    }

    /** An image of one channel. */
    public static Image of(Grid grid, float[] values) {
        return new Image(grid, new float[][] {values});
    }

    /** The values of one channel, not a copy. */
    public float[] channel(int index) {
        return channels[index];
    }

    /** The image on another grid whose channels are computed from this image's channels, one by one. */
    public Image map(Grid to, UnaryOperator<float[]> channel) {
        return new Image(to, Arrays.stream(channels).map(channel).toArray(float[][]::new));
    }
}
