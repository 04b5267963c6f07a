package org.attunet.image;

import org.attunet.error.AttunetException;

/**
 * Intensities on a grid, one array for each channel.
 *
 * <p>The arrays are shared, not copied: whoever makes an image hands them over and changes them no more.
 *
 * @param grid where the voxels lie
 * @param channels one array of {@code grid.voxels()} values for each channel, in the grid's order (x fastest)
 */
public record Image(Grid grid, float[][] channels) {
    /** Checks that each channel has one value per voxel. */
    public Image {
        if (channels.length == 0) {
            throw new AttunetException("image", "no channel", "one channel or more", "check how the image was read");
        }
        for (float[] channel : channels) {
            if (channel.length != grid.voxels()) {
                throw new AttunetException(
                        "image",
                        channel.length + " values",
                        grid.voxels() + " values for " + grid,
                        "check how the image was read");
            }
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
}
