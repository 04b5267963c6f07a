package org.attunet.network;

import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.Upsampling;
import org.jspecify.annotations.Nullable;

/**
 * How far a network sees: the voxels of the input that the logits of one coarsest cell depend on, along one axis.
 *
 * <p><b>Why a cell and not a voxel.</b> Pooling and upsampling commute only with shifts by a whole coarsest cell, of
 * M = 2^(levels - 1) voxels. So the reach is worked out for the logits of the cell 0..M-1 and is the same for every
 * other cell; a voxel within the cell sees no more than that. All axes are alike, so one number serves them all.
 *
 * <p><b>How it is worked out.</b> Backwards, from the logits to the input: for each map the range of indices that
 * something later needs, at the map's own resolution. Where several later maps need one map, its range is the hull of
 * theirs. Let low..high be what is needed of a layer's result; then of its input are needed
 *
 * <ul>
 *   <li>kernel 3, padded by 1: low-1..high+1; a block of two convolutions, low-2..high+2;
 *   <li>kernel 1, ReLU, normalisation with fixed statistics, products and concatenations: low..high;
 *   <li>max pooling, and a convolution of kernel 2 and stride 2: 2 low..2 high+1;
 *   <li>transposed convolution of kernel 2 and stride 2, and nearest neighbour: floor(low/2)..floor(high/2);
 *   <li>linear interpolation by a factor f with half-voxel centres: voxel i lies at (i + 1/2)/f - 1/2 of the coarse map and
 *       needs the floor of that and the next, so floor((2 low + 1 - f)/(2f))..floor((2 high + 1 - f)/(2f))+1.
 * </ul>
 *
 * <p><b>The additive family.</b> Decoder level l (0 the finest) convolves twice the joined skip connection and upsampled
 * map. The gate's coefficient at a voxel is made of the same two maps at that voxel by kernels of 1, so gates add nothing,
 * and leaving them out takes nothing away. Nearest upsampling is followed by a kernel of 3 at the fine resolution, which
 * adds 1 before the halving. Coarser heads of deep supervision don't lead to the logits.
 *
 * <p><b>The grid family.</b> Every upsampling interpolates, as do the heads of the levels 1 to 3, by 2, 4 and 8, straight
 * to the logits. A gate's coefficients live on the coarser level's grid, made of the coarse signal there and of the 2 skip
 * voxels beneath, and are then interpolated by 2 to the skip connection: the coefficients for low..high need the coarse
 * signal where the interpolation does, and the skip connection at twice that.
 *
 * <p><b>Why tiles then are exact.</b> A tile that starts and ends on the grid of M and holds the reach on both sides of its
 * core pools the same voxels together as the whole image does, and by the rules above each map's needed range lies within
 * the tile's part of that map; so no needed value has met the zeros that convolutions put around the tile, and no
 * interpolation was cut off. Where the whole (padded) image ends, the tile ends too and both meet the same zeros.
 * A network whose normalisation takes its statistics from the block (instance normalisation) depends on every voxel of it:
 * it has no reach, and no tile is exact.
 *
 * @param before the voxels needed before the cell's first
 * @param after the voxels needed after the cell's last
 * @param multiple M, the side of a coarsest cell
 */
public record ReceptiveField(int before, int after, int multiple) {

    /** The reach of a network; what it would be with fixed statistics, if its normalisation looks at the whole block. */
    public static ReceptiveField of(NetworkConfig network) {
        int coarsest = network.levels() - 1;
        boolean grid = network.family() == NetworkConfig.Family.GRID_ATTENTION_UNET;
        Range[] decoder = new Range[network.levels()]; // what is needed of each level's result
        Range[] skip = new Range[network.levels()];
        decoder[0] = new Range(0, network.multiple() - 1);
        for (int level = 1; grid && level < coarsest; level++) {
            decoder[level] = decoder[0].interpolated(1 << level); // the coarser heads
        }
        for (int level = 0; level < coarsest; level++) {
            Range joined = decoder[level].grown(2);
            skip[level] = joined;
            decoder[level + 1] = joined.coarse(network.upsampling()).and(decoder[level + 1]);
            if (grid && level > 0 && network.gates() != Gates.NONE) {
                Range coefficients = joined.interpolated(2);
                skip[level] = joined.and(coefficients.fine());
                decoder[level + 1] = decoder[level + 1].and(coefficients);
            }
        }
        Range needed = decoder[coarsest].grown(2);
        for (int level = coarsest - 1; level >= 0; level--) {
            needed = needed.fine().and(skip[level]).grown(2);
        }
        return new ReceptiveField(-needed.low, needed.high - (network.multiple() - 1), network.multiple());
    }

    /** What a tile carries on each side of its core: the longer reach, rounded up to whole coarsest cells. */
    public int halo() {
        return (Math.max(before, after) + multiple - 1) / multiple * multiple;
    }

    /** Indices of one map along an axis, both ends included. */
    private record Range(int low, int high) {
        Range grown(int by) {
            return new Range(low - by, high + by);
        }

        Range and(@Nullable Range other) {
            return other == null ? this : new Range(Math.min(low, other.low), Math.max(high, other.high));
        }

        Range fine() {
            return new Range(2 * low, 2 * high + 1);
        }

        Range interpolated(int factor) {
            return new Range(
                    Math.floorDiv(2 * low + 1 - factor, 2 * factor),
                    Math.floorDiv(2 * high + 1 - factor, 2 * factor) + 1);
        }

        Range coarse(Upsampling upsampling) {
            return switch (upsampling) {
                case TRANSPOSED -> new Range(Math.floorDiv(low, 2), Math.floorDiv(high, 2));
                case NEAREST -> new Range(Math.floorDiv(low - 1, 2), Math.floorDiv(high + 1, 2));
                case LINEAR -> interpolated(2);
            };
        }
    }
}
