package org.attunet.predict;

import java.util.List;
import java.util.Locale;
import org.attunet.image.Sizes;

/**
 * How one image is computed: the blocks, what they cost and the memory that they take.
 *
 * @param mode whole, exact or blended
 * @param tile the size of each block (x, y[, z]), as many as the network has dimensions
 * @param halo the voxels that an exact tile carries on each side of its core; 0 in the other modes
 * @param blocks the number of blocks
 * @param work the voxels of all blocks together in voxels of the padded image: 1 for the whole image
 * @param bytes about how much memory the computation of one image takes at most, the prepared image and the results not
 *     counted: the network on one block, the block's arrays, and the slab of the image that tiles are put together in
 */
public record TilePlan(TileMode mode, List<Integer> tile, int halo, long blocks, double work, long bytes) {
    /** Copies the sizes. */
    public TilePlan {
        tile = List.copyOf(tile);
    }

    /** One line such as {@code 12 exact tiles of 128 x 128 x 96 with a halo of 24, 2.1 times the work, about 812 MiB}. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        switch (mode) {
            case WHOLE -> text.append(blocks == 1 ? "the whole image as a block of " : blocks + " whole slices of ");
            case EXACT -> text.append(blocks).append(blocks == 1 ? " exact tile of " : " exact tiles of ");
            default -> text.append(blocks).append(blocks == 1 ? " tile of " : " blended tiles of ");
        }
        text.append(Sizes.text(tile.stream().mapToInt(Integer::intValue).toArray()));
        if (halo > 0) {
            text.append(" with a halo of ").append(halo);
        }
        if (work > 1.005) {
            text.append(String.format(Locale.ROOT, ", %.1f times the image's work", work));
        }
        return text.append(", about ")
                .append(Math.max(1, bytes >> 20))
                .append(" MiB")
                .toString();
    }
}
