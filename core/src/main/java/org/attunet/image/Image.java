package org.attunet.image;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/**
 * Intensities on a grid, one array per channel. The arrays are shared, not copied, and must not change afterwards.
 *
 * @param grid the lattice of the voxels
 * @param channels one array of {@code grid.voxels()} values per channel, in the grid's order (x fastest)
 */
public record Image(Grid grid, float[][] channels) {
    private static final String NO_CHANNEL = "a channel must not be null";

    /**
     * Checks the components.
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values per channel, in the grid's order (x fastest)
     */
    public Image {
        Objects.requireNonNull(grid, "the grid must not be null");
        Objects.requireNonNull(channels, "the channels must not be null");
        if (channels.length == 0) {
            throw new AttunetException("image", "no channel", "one channel or more", "check how the image was read");
        }
        for (float[] channel : channels) {
            grid.requireLength("image", Objects.requireNonNull(channel, NO_CHANNEL).length);
        }
    }

    /**
     * {@return an image of one or more channels; the arrays are not copied}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image of(Grid grid, float[]... channels) {
        return new Image(grid, channels);
    }

    /**
     * {@return an image of one or more channels, rounded to floats}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image of(Grid grid, double[]... channels) {
        return converted(grid, channels, channel -> channel.length, (channel, i) -> (float) channel[i]);
    }

    /**
     * {@return an image of one or more channels of whole numbers; those beyond 2^24 are rounded}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image of(Grid grid, int[]... channels) {
        return converted(grid, channels, channel -> channel.length, (channel, i) -> channel[i]);
    }

    /**
     * {@return an image of one or more channels of signed numbers, -32768 to 32767, such as Hounsfield units}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image of(Grid grid, short[]... channels) {
        return converted(grid, channels, channel -> channel.length, (channel, i) -> channel[i]);
    }

    /**
     * {@return an image of one or more channels of numbers from 0 to 65535, as 16-bit pictures have them}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image ofUnsigned(Grid grid, short[]... channels) {
        return converted(grid, channels, channel -> channel.length, (channel, i) -> Short.toUnsignedInt(channel[i]));
    }

    /**
     * {@return an image of one or more channels of numbers from 0 to 255, as 8-bit pictures have them}
     *
     * @param grid the lattice of the voxels
     * @param channels one array of {@code grid.voxels()} values each
     */
    public static Image ofUnsigned(Grid grid, byte[]... channels) {
        return converted(grid, channels, channel -> channel.length, (channel, i) -> Byte.toUnsignedInt(channel[i]));
    }

    private interface Length<A> {
        int of(A array);
    }

    private interface Element<A> {
        float of(A array, int index);
    }

    private static <A> Image converted(Grid grid, A[] channels, Length<A> length, Element<A> element) {
        float[][] values = new float[channels.length][];
        for (int c = 0; c < values.length; c++) {
            A channel = Objects.requireNonNull(channels[c], NO_CHANNEL);
            grid.requireLength("image", length.of(channel));
            values[c] = new float[grid.voxels()];
            for (int i = 0; i < values[c].length; i++) {
                values[c][i] = element.of(channel, i);
            }
        }
        return new Image(grid, values);
    }

    /**
     * {@return the values of one channel, not a copy}
     *
     * @param index the number of the channel, from 0
     */
    public float[] channel(int index) {
        return channels[index];
    }

    /**
     * {@return the image on another grid whose channels are computed from this image's channels, one by one}
     *
     * @param to the grid of the result
     * @param channel computes a channel from a channel
     */
    public Image map(Grid to, UnaryOperator<float[]> channel) {
        return new Image(to, Arrays.stream(channels).map(channel).toArray(float[][]::new));
    }

    /**
     * {@return the same values with another spacing, axis-aligned at the world's origin: for pictures, whose files rarely
     * have one}
     *
     * @param unit of the spacing
     * @param spacing in the unit, x first, one for each axis
     */
    public Image withSpacing(LengthUnit unit, double... spacing) {
        return new Image(Grid.of(grid.size(), spacing, unit), channels);
    }

    /** {@return the size and the number of channels} */
    @Override
    public String toString() {
        return grid + ", " + channels.length + (channels.length == 1 ? " channel" : " channels");
    }

    /**
     * {@return one slice of a volume, a copy}
     *
     * @param axis the axis across the slice, 0 (x) to 2 (z)
     * @param index the slice's position on that axis, from 0
     */
    public Image slice(int axis, int index) {
        Grid plane = grid.slice(axis, index);
        return map(plane, channel -> {
            float[] values = new float[plane.voxels()];
            for (int i = 0; i < values.length; i++) {
                values[i] = channel[grid.voxelOfSlice(axis, index, i)];
            }
            return values;
        });
    }

    /** {@return whether all channels hold the same values, as in grey pictures that are stored as red, green and blue} */
    public boolean isGrey() {
        return Arrays.stream(channels).allMatch(channel -> Arrays.equals(channel, channels[0]));
    }

    /**
     * {@return the brightness of a picture of red, green and blue as one channel: that which they share, else 0.299 R + 0.587 G
     * + 0.114 B (ITU-R BT.601)}
     */
    public Image luminance() {
        if (isGrey()) {
            return new Image(grid, new float[][] {channels[0]});
        }
        float[] grey = new float[grid.voxels()];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (float) (0.299 * channels[0][i] + 0.587 * channels[1][i] + 0.114 * channels[2][i]);
        }
        return new Image(grid, new float[][] {grey});
    }

    /**
     * Refuses values that are NaN or infinite: one of them would spread over a whole normalised image.
     *
     * @param subject the file or what else holds the image, for the failure
     * @return this
     * @throws AttunetException with their count and the first position
     */
    public Image requireFinite(String subject) {
        long count = 0;
        String first = "";
        for (float[] channel : channels) {
            for (int i = 0; i < channel.length; i++) {
                Interruption.check(i);
                if (!Float.isFinite(channel[i]) && count++ == 0) {
                    first = position(i);
                }
            }
        }
        if (count > 0) {
            throw new AttunetException(
                    subject,
                    count + (count == 1 ? " voxel is" : " voxels are") + " NaN or infinite, the first at " + first,
                    "finite numbers",
                    "replace them, for instance by the lowest value of the image");
        }
        return this;
    }

    private String position(int index) {
        int x = index % grid.size(0);
        int y = index / grid.size(0) % grid.size(1);
        int z = index / grid.size(0) / grid.size(1);
        return "(" + x + ", " + y + (grid.dimension() == 3 ? ", " + z : "") + ")";
    }
}
