package org.attunet.predict;

import java.util.List;
import java.util.Locale;
import org.attunet.image.Sizes;

/**
 * How an image is computed: its tiles, their cost and their memory.
 *
 * @param mode whole, exact or blended
 * @param tile the size of each block (x, y[, z]), as many as the network has dimensions
 * @param halo the voxels on each side of an exact tile's core; 0 in the other modes
 * @param blocks the number of blocks
 * @param work the voxels of all blocks over those of the padded image: 1 for the whole image
 * @param bytes an estimate of the most memory that the computation takes besides the prepared image and the results: the
 *     network on one block, the block's arrays, and the slab in which tiles are assembled
 */
public record TilePlan(TileMode mode, List<Integer> tile, int halo, long blocks, double work, long bytes) {
    /**
     * Copies the components.
     *
     * @param mode whole, exact or blended
     * @param tile the size of each block (x, y[, z]), as many as the network has dimensions
     * @param halo the voxels on each side of an exact tile's core; 0 in the other modes
     * @param blocks the number of blocks
     * @param work the voxels of all blocks over those of the padded image: 1 for the whole image
     * @param bytes an estimate of the most memory that the computation takes besides the prepared image and the results:
     *     the network on one block, the block's arrays, and the slab in which tiles are assembled
     */
    public TilePlan {
        tile = List.copyOf(tile);
    }

    /** One line such as {@code 12 exact tiles of 128 x 128 x 96 with a halo of 24, 2.1 times the work, about 812 MiB}. */
    @Override
    public String toString() {
        String what = switch (mode) {
            case WHOLE -> blocks == 1 ? "the whole image as a block of " : blocks + " whole slices of ";
            case EXACT -> blocks + (blocks == 1 ? " exact tile of " : " exact tiles of ");
            default -> blocks + (blocks == 1 ? " tile of " : " blended tiles of ");
        };
        return what
                + Sizes.text(tile.stream().mapToInt(Integer::intValue).toArray())
                + (halo > 0 ? " with a halo of " + halo : "")
                + (work > 1.005 ? String.format(Locale.ROOT, ", %.1f times the image's work", work) : "")
                + ", about " + Math.max(1, bytes >> 20) + " MiB";
    }
}
