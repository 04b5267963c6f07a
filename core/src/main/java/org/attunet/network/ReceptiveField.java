package org.attunet.network;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * How far a network sees: the voxels of the input that the logits of one coarsest cell depend on, along one axis.
 *
 * <p><b>Why a cell and not a voxel.</b> Pooling and upsampling commute only with shifts by a whole coarsest cell, of
 * M = 2^(levels - 1) voxels. So the reach is worked out for the logits of the cell 0..M-1 and is the same for every
 * other cell; a voxel within the cell sees no more than that. All axes are alike, so one number serves them all.
 *
 * <p><b>How it is worked out.</b> The network's {@code forward} runs on maps that are functions: from the range of
 * indices needed of a map, at its own resolution, to the range needed of the input. Let low..high be needed of an
 * operation's result; then it needs of its input
 *
 * <ul>
 *   <li>kernel 3, padded by 1: low-1..high+1;
 *   <li>kernel 1, ReLU, normalisation with fixed statistics, products, sums and concatenations: low..high, and of the
 *       network's input the hull of what the operands need;
 *   <li>max pooling, and a convolution of kernel 2 and stride 2: 2 low..2 high+1;
 *   <li>transposed convolution of kernel 2 and stride 2, and nearest neighbour: floor(low/2)..floor(high/2);
 *   <li>linear interpolation by a factor f with half-voxel centres: voxel i lies at (i + 1/2)/f - 1/2 of the coarse map and
 *       needs the floor of that and the next, so floor((2 low + 1 - f)/(2f))..floor((2 high + 1 - f)/(2f))+1.
 * </ul>
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

    /**
     * {@return the reach of a network; what it would be with fixed statistics if its normalisation looks at the whole
     * block}
     *
     * @param network its configuration
     */
    public static ReceptiveField of(NetworkConfig network) {
        int cell = network.multiple();
        Map logits = Network.of(network).forward(new Reading(), new Map(1, range -> range));
        Range needed = logits.needs.apply(new Range(0, cell - 1));
        return new ReceptiveField(-needed.low, needed.high - (cell - 1), cell);
    }

    /**
     * {@return the voxels that a tile carries on each side of its core: the longer reach, rounded up to whole coarsest
     * cells}
     */
    public int halo() {
        return (Math.max(before, after) + multiple - 1) / multiple * multiple;
    }

    /** Indices of one map along an axis, both ends included. */
    private record Range(int low, int high) {
        Range grown(int by) {
            return new Range(low - by, high + by);
        }

        Range hull(Range other) {
            return new Range(Math.min(low, other.low), Math.max(high, other.high));
        }

        Range halved() {
            return new Range(Math.floorDiv(low, 2), Math.floorDiv(high, 2));
        }

        Range doubled() {
            return new Range(2 * low, 2 * high + 1);
        }

        Range interpolated(int factor) {
            return new Range(
                    Math.floorDiv(2 * low + 1 - factor, 2 * factor),
                    Math.floorDiv(2 * high + 1 - factor, 2 * factor) + 1);
        }
    }

    /**
     * A map.
     *
     * @param stride voxels of the input per voxel of this map, along each axis
     * @param needs from a range of the map to the range of the input that it depends on
     */
    private record Map(int stride, UnaryOperator<Range> needs) {
        /** A map of another stride, whose ranges need such ranges of this one. */
        Map then(int otherStride, UnaryOperator<Range> ofThis) {
            return new Map(otherStride, range -> needs.apply(ofThis.apply(range)));
        }

        Map with(Map other) {
            return new Map(stride, range -> needs.apply(range).hull(other.needs.apply(range)));
        }
    }

    private static final class Reading implements Operations<Map> {
        @Override
        public Map conv(Conv layer, Map x) {
            return layer.stride() == 2
                    ? x.then(2 * x.stride, Range::doubled)
                    : x.then(x.stride, range -> range.grown(layer.padding()));
        }

        @Override
        public Map convTranspose(Conv layer, Map x) {
            return x.then(x.stride / 2, Range::halved);
        }

        @Override
        public Map convNorm(ConvNorm layer, Map x) {
            return conv(layer.conv(), x);
        }

        @Override
        public Map relu(Map x) {
            return x;
        }

        @Override
        public Map sigmoid(Map x) {
            return x;
        }

        @Override
        public Map maxPool(Map x) {
            return x.then(2 * x.stride, Range::doubled);
        }

        @Override
        public Map upsampleNearest(Map x) {
            return x.then(x.stride / 2, Range::halved);
        }

        @Override
        public Map resize(Map x, Map like) {
            int factor = x.stride / like.stride;
            return factor == 1 ? x : x.then(like.stride, range -> range.interpolated(factor));
        }

        @Override
        public Map concat(List<Map> maps) {
            return maps.stream().reduce(Map::with).orElseThrow();
        }

        @Override
        public Map add(Map a, Map b) {
            return a.with(b);
        }

        @Override
        public Map mul(Map x, Map coefficients) {
            return x.with(coefficients);
        }
    }
}
