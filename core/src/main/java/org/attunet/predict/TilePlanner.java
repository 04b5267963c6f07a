package org.attunet.predict;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkShape;
import org.attunet.network.ReceptiveField;
import org.jspecify.annotations.Nullable;

/**
 * The choice of blocks for an image: of all exact tilings that fit a memory budget the one with the least work.
 *
 * <p>Along each axis only some lengths come into question: a tile of two halos and a core that parts the axis into n
 * equal steps, for each n; in between, a longer tile computes more and saves none. All combinations over the axes are
 * compared, which are some ten thousand for a large volume.
 *
 * @param network what computes
 * @param patch the blocks that it was trained on (x, y[, z])
 * @param grid the prepared image's
 * @param options what is wanted
 * @param entropies whether the mean of the votes' entropies is wanted beside the probabilities
 */
record TilePlanner(NetworkShape network, int[] patch, Grid grid, SegmenterOptions options, boolean entropies) {
    /** How many times the image's own work exact tiles may cost before {@link TileMode#AUTO} blends: as much as blending. */
    static final int MOST_WORK = 8;

    /** A choice for probabilities alone. */
    TilePlanner(NetworkShape network, int[] patch, Grid grid, SegmenterOptions options) {
        this(network, patch, grid, options, false);
    }

    /** The blocks that the options lead to within a budget in bytes. */
    TilePlan choose(long budget) {
        TileMode own = TileMode.ownOf(network);
        TileMode wanted = options.tiles();
        if (wanted == TileMode.EXACT && own != TileMode.EXACT) {
            throw new ConfigException(
                    "tiles", "exact", "blended, for this network's reach is not bounded or not known");
        }
        if (wanted == TileMode.BLENDED || (wanted == TileMode.AUTO && own == TileMode.BLENDED)) {
            return blended();
        }
        TilePlan whole = plan(TileMode.WHOLE, 0, wholeAxes());
        if (wanted == TileMode.WHOLE) {
            return requireArrays(whole);
        }
        if (wanted == TileMode.AUTO && fits(whole, budget)) {
            return whole;
        }
        TilePlan exact = exact(budget);
        if (wanted == TileMode.AUTO) {
            return exact == null || exact.work() > MOST_WORK ? blended() : exact;
        }
        if (exact == null) {
            long least = leastExact().bytes();
            throw new AttunetException(
                    "memory",
                    "a budget of " + (budget >> 20) + " MiB",
                    "at least " + ((least >> 20) + 1) + " MiB for exact tiles of this network",
                    "allow more memory, or choose blended tiles");
        }
        return exact;
    }

    /** The number of maps that are put together: the outputs, and the mean of the entropies where it is wanted. */
    int maps() {
        return network.outputs() + (entropies ? 1 : 0);
    }

    /** The tiles of a plan of this choice along x, y and z. */
    AxisTiles[] axes(TilePlan plan) {
        AxisTiles[] axes = new AxisTiles[3];
        for (int axis = 0; axis < 3; axis++) {
            int size = grid.size(axis);
            if (axis >= network.dimension()) {
                axes[axis] = AxisTiles.blended(size, 1, 0); // slice by slice
            } else if (plan.mode() == TileMode.BLENDED) {
                axes[axis] = AxisTiles.blended(size, plan.tile().get(axis), options.overlap());
            } else {
                axes[axis] = AxisTiles.exact(size, padded(axis), plan.tile().get(axis), plan.halo());
            }
        }
        return axes;
    }

    /** The padded image's length along an axis of the network: a multiple of its cell, and no less than the patch. */
    int padded(int axis) {
        return Math.max(Sizes.roundUp(grid.size(axis), network.multiple()), patchSize(axis));
    }

    private int patchSize(int axis) {
        return Sizes.roundUp(patch[axis], network.multiple());
    }

    private AxisTiles[] wholeAxes() {
        AxisTiles[] axes = new AxisTiles[3];
        for (int axis = 0; axis < 3; axis++) {
            axes[axis] = axis < network.dimension()
                    ? AxisTiles.exact(grid.size(axis), padded(axis), padded(axis), 0)
                    : AxisTiles.blended(grid.size(axis), 1, 0);
        }
        return axes;
    }

    private TilePlan blended() {
        AxisTiles[] axes = new AxisTiles[3];
        for (int axis = 0; axis < 3; axis++) {
            axes[axis] = axis < network.dimension()
                    ? AxisTiles.blended(grid.size(axis), patchSize(axis), options.overlap())
                    : AxisTiles.blended(grid.size(axis), 1, 0);
        }
        return plan(TileMode.BLENDED, 0, axes);
    }

    private @Nullable TilePlan exact(long budget) {
        int halo = halo();
        List<List<AxisTiles>> candidates = candidates(halo);
        TilePlan best = null;
        for (AxisTiles x : candidates.get(0)) {
            for (AxisTiles y : candidates.get(1)) {
                for (AxisTiles z : candidates.get(2)) {
                    TilePlan plan = plan(TileMode.EXACT, halo, x, y, z);
                    if (fits(plan, budget) && (best == null || isBetter(plan, best))) {
                        best = plan;
                    }
                }
            }
        }
        return best;
    }

    private int halo() {
        return network instanceof NetworkConfig ours ? ReceptiveField.of(ours).halo() : 0;
    }

    private static boolean isBetter(TilePlan plan, TilePlan best) {
        return plan.work() != best.work() ? plan.work() < best.work() : plan.bytes() < best.bytes();
    }

    /** The exact tiles with the shortest cores. */
    private TilePlan leastExact() {
        int halo = halo();
        AxisTiles[] axes = new AxisTiles[3];
        for (int axis = 0; axis < 3; axis++) {
            List<AxisTiles> lengths = candidates(halo).get(axis);
            axes[axis] = lengths.get(lengths.size() - 1);
        }
        return plan(TileMode.EXACT, halo, axes);
    }

    /** For each axis the lengths in question, the padded image's own first. */
    private List<List<AxisTiles>> candidates(int halo) {
        List<List<AxisTiles>> all = new ArrayList<>();
        for (int axis = 0; axis < 3; axis++) {
            List<AxisTiles> lengths = new ArrayList<>();
            int size = grid.size(axis);
            if (axis >= network.dimension()) {
                lengths.add(AxisTiles.blended(size, 1, 0));
            } else {
                int padded = padded(axis);
                int multiple = network.multiple();
                lengths.add(AxisTiles.exact(size, padded, padded, halo));
                int inner = padded - 2 * halo;
                int last = padded;
                for (int count = 2; count <= inner / multiple; ) {
                    int core = Sizes.roundUp(AxisTiles.ceilDiv(inner, count), multiple);
                    if (core + 2 * halo < last) {
                        last = core + 2 * halo;
                        lengths.add(AxisTiles.exact(size, padded, last, halo));
                    }
                    // The next number of tiles that makes the core shorter by a cell.
                    count = core == multiple ? inner : AxisTiles.ceilDiv(inner, core - multiple);
                }
            }
            all.add(lengths);
        }
        return all;
    }

    private TilePlan plan(TileMode mode, int halo, AxisTiles... axes) {
        List<Integer> tile = new ArrayList<>();
        int[] size = new int[network.dimension()];
        long blocks = 1;
        double work = 1;
        for (int axis = 0; axis < 3; axis++) {
            blocks *= axes[axis].count();
            if (axis < size.length) {
                size[axis] = axes[axis].tile();
                tile.add(size[axis]);
                work *= (double) axes[axis].count() * size[axis] / padded(axis);
            }
        }
        return new TilePlan(mode, tile, halo, blocks, work, (long) (blockBytes(size) + slabBytes(mode, axes)));
    }

    /** The network on a block, and the block's arrays: input and output, each in Java and in the library, and copies. */
    private double blockBytes(int[] size) {
        double voxels = 1;
        for (int n : size) {
            voxels *= n;
        }
        double arrays = 2.0 * (network.channels() + network.outputs()) + (entropies ? maps() : 0);
        arrays += options.mirror() ? network.channels() + 2.0 * maps() : 0;
        arrays += options.attention() ? 4 : 0;
        return Tiling.estimateBytes(network, size) + 4 * voxels * arrays;
    }

    /** The planes of the image that are put together before they are handed on. */
    private double slabBytes(TileMode mode, AxisTiles... axes) {
        int last = grid.dimension() - 1;
        double voxels = axes[last].longest();
        for (int axis = 0; axis < last; axis++) {
            voxels *= grid.size(axis);
        }
        double maps = maps() + (mode == TileMode.BLENDED ? 1 : 0);
        if (options.attention() && network instanceof NetworkConfig ours && ours.gates() != Gates.NONE) {
            maps += (ours.levels() - 1) * (ours.gates() == Gates.GRID_MULTI ? 2.0 : 1.0);
        }
        return 4 * voxels * maps;
    }

    private boolean fits(TilePlan plan, long budget) {
        return plan.bytes() <= budget && arrays(plan) <= Tiling.MAX_ARRAY;
    }

    /** The values of the largest array that a block needs. */
    private double arrays(TilePlan plan) {
        double values = Math.max(network.channels(), maps());
        for (int n : plan.tile()) {
            values *= n;
        }
        return values;
    }

    private TilePlan requireArrays(TilePlan whole) {
        if (arrays(whole) > Tiling.MAX_ARRAY) {
            throw new AttunetException(
                    "image", grid + " in one block", "at most 2^31 values", "choose exact or blended tiles");
        }
        return whole;
    }
}
