package org.attunet.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
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
 * Chooses the tiles of an image: among all tilings that fit a memory budget, the one with the least work.
 *
 * <p>Along each axis only some lengths are useful: those that divide the axis into n equal steps, for each n; a length in
 * between computes more without saving a tile. Exact tiles add two halos, blended ones their overlap. All combinations over
 * the axes are compared, about ten thousand for a large volume.
 *
 * <p>Blended tiles of a network with a bounded receptive field may be larger than its patches: it was trained on parts of
 * images and works on whole ones too.
 *
 * @param network the network
 * @param patch the size of its training patches (x, y[, z])
 * @param grid the prepared image's grid
 * @param options the requested tiles and results
 * @param bytesPerVoxel what a run of the engine takes for each voxel of a block ({@link Engine#bytesPerVoxel})
 * @param entropies whether the mean entropy of the votes is computed besides the probabilities
 */
record TilePlanner(
        NetworkShape network,
        int[] patch,
        Grid grid,
        SegmenterOptions options,
        double bytesPerVoxel,
        boolean entropies) {
    /** {@link TileMode#AUTO} blends if exact tiles would compute more than so many times what blended ones do. */
    static final double WORTH = 1.5;

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    /** Returns the plan for a budget in bytes. */
    TilePlan choose(long budget) {
        TileMode own = TileMode.ownOf(network);
        TileMode requested = options.tiles();
        if (requested == TileMode.EXACT && own != TileMode.EXACT) {
            throw new ConfigException(
                    "tiles", "exact", "blended, because this network's receptive field is unbounded or unknown");
        }
        if (requested == TileMode.BLENDED || (requested == TileMode.AUTO && own == TileMode.BLENDED)) {
            return patches();
        }
        TilePlan whole = plan(TileMode.WHOLE, 0, axes(TileMode.WHOLE, this::padded, 0));
        if (requested == TileMode.WHOLE) {
            return requireArrays(whole);
        }
        if (requested == TileMode.AUTO && fits(whole, budget)) {
            return whole;
        }
        TilePlan exact = exact(budget);
        if (requested == TileMode.AUTO) {
            TilePlan blended = Objects.requireNonNullElseGet(blended(budget), this::patches);
            return exact == null || exact.work() > WORTH * blended.work() ? blended : exact;
        }
        if (exact == null) {
            long least = smallestExact().bytes();
            throw new AttunetException(
                    "memory",
                    "a budget of " + (budget >> 20) + " MiB",
                    "at least " + ((least >> 20) + 1) + " MiB for exact tiles of this network",
                    "allow more memory, or choose blended tiles");
        }
        return exact;
    }

    /** The number of maps that are assembled: the outputs, and the mean entropy if it is requested. */
    int maps() {
        return network.outputs() + (entropies ? 1 : 0);
    }

    /** The tiles of a plan of this planner along x, y and z. */
    AxisTiles[] axes(TilePlan plan) {
        return axes(plan.mode(), plan.tile()::get, plan.halo());
    }

    /** Tiles of these lengths along the network's axes, and slices along the others. */
    private AxisTiles[] axes(TileMode mode, IntUnaryOperator tile, int halo) {
        return perAxis(axis -> {
            int size = grid.size(axis);
            if (axis >= network.dimension()) {
                return AxisTiles.slices(size);
            }
            return mode == TileMode.BLENDED
                    ? AxisTiles.blended(size, tile.applyAsInt(axis), options.overlap())
                    : AxisTiles.exact(size, padded(axis), tile.applyAsInt(axis), halo);
        });
    }

    private static AxisTiles[] perAxis(IntFunction<AxisTiles> tiles) {
        return IntStream.range(0, 3).mapToObj(tiles).toArray(AxisTiles[]::new);
    }

    /** The voxels of the padded image, all slices of a volume included: what the network computes at least. */
    double paddedVoxels() {
        double voxels = 1;
        for (int axis = 0; axis < 3; axis++) {
            voxels *= axis < network.dimension() ? padded(axis) : grid.size(axis);
        }
        return voxels;
    }

    /** The padded image's length along an axis: a multiple of the network's cell, and at least the patch's. */
    private int padded(int axis) {
        return Math.max(
                Sizes.roundUp(grid.size(axis), network.multiple()), Sizes.roundUp(patch[axis], network.multiple()));
    }

    /** Blended tiles of the size of the training patches. */
    private TilePlan patches() {
        return plan(TileMode.BLENDED, 0, axes(TileMode.BLENDED, this::patch, 0));
    }

    private int patch(int axis) {
        return Sizes.roundUp(patch[axis], network.multiple());
    }

    private @Nullable TilePlan exact(long budget) {
        int halo = halo();
        return best(TileMode.EXACT, halo, axis -> candidates(axis, halo), budget);
    }

    private @Nullable TilePlan blended(long budget) {
        return best(TileMode.BLENDED, 0, this::overlapping, budget);
    }

    /** The combination of tilings of the axes with the least work that fits the budget, if any does. */
    private @Nullable TilePlan best(TileMode mode, int halo, IntFunction<List<AxisTiles>> tilings, long budget) {
        List<AxisTiles> alongY = tilings.apply(1);
        List<AxisTiles> alongZ = tilings.apply(2);
        TilePlan best = null;
        for (AxisTiles x : tilings.apply(0)) {
            for (AxisTiles y : alongY) {
                for (AxisTiles z : alongZ) {
                    if (best != null && work(x, y, z) > best.work()) {
                        continue; // by far the most
                    }
                    TilePlan plan = plan(mode, halo, x, y, z);
                    if (fits(plan, budget) && (best == null || isBetter(plan, best))) {
                        best = plan;
                    }
                }
            }
        }
        return best;
    }

    /** The exact tiles with the shortest cores. */
    private TilePlan smallestExact() {
        int halo = halo();
        return plan(TileMode.EXACT, halo, perAxis(axis -> {
            List<AxisTiles> candidates = candidates(axis, halo);
            return candidates.get(candidates.size() - 1);
        }));
    }

    private int halo() {
        return network instanceof NetworkConfig config
                ? ReceptiveField.of(config).halo()
                : 0;
    }

    private static boolean isBetter(TilePlan plan, TilePlan best) {
        return plan.work() != best.work() ? plan.work() < best.work() : plan.bytes() < best.bytes();
    }

    /** The useful tilings of an axis with ever shorter tiles, the whole padded image first. */
    private List<AxisTiles> candidates(int axis, int halo) {
        int size = grid.size(axis);
        if (axis >= network.dimension()) {
            return List.of(AxisTiles.slices(size));
        }
        int padded = padded(axis);
        int multiple = network.multiple();
        List<AxisTiles> candidates = new ArrayList<>();
        candidates.add(AxisTiles.exact(size, padded, padded, halo));
        int inner = padded - 2 * halo;
        int last = padded;
        for (int count = 2; count <= inner / multiple; ) {
            int core = Sizes.roundUp(AxisTiles.ceilDiv(inner, count), multiple);
            if (core + 2 * halo < last) {
                last = core + 2 * halo;
                candidates.add(AxisTiles.exact(size, padded, last, halo));
            }
            // The next number of tiles whose core is shorter by a cell.
            count = core == multiple ? inner : AxisTiles.ceilDiv(inner, core - multiple);
        }
        return candidates;
    }

    /** The useful tilings of an axis with ever shorter overlapping tiles, the last of which have the patch's length. */
    private List<AxisTiles> overlapping(int axis) {
        int size = grid.size(axis);
        if (axis >= network.dimension()) {
            return List.of(AxisTiles.slices(size));
        }
        List<AxisTiles> candidates = new ArrayList<>();
        int last = Integer.MAX_VALUE;
        for (int count = 1; last > patch(axis); count++) {
            int length = (int) Math.ceil(size / (1 + (count - 1) * (1 - options.overlap())));
            int tile = Math.max(patch(axis), Sizes.roundUp(length, network.multiple()));
            if (tile < last) {
                last = tile;
                candidates.add(AxisTiles.blended(size, tile, options.overlap()));
            }
        }
        return candidates;
    }

    private TilePlan plan(TileMode mode, int halo, AxisTiles... axes) {
        List<Integer> tile = new ArrayList<>();
        int[] size = new int[network.dimension()];
        long blocks = 1;
        for (int axis = 0; axis < 3; axis++) {
            blocks *= axes[axis].count();
            if (axis < size.length) {
                size[axis] = axes[axis].tile();
                tile.add(size[axis]);
            }
        }
        return new TilePlan(mode, tile, halo, blocks, work(axes), (long) (blockBytes(size) + slabBytes(mode, axes)));
    }

    /** The voxels of all blocks over those of the padded image. */
    private double work(AxisTiles... axes) {
        double work = 1;
        for (int axis = 0; axis < network.dimension(); axis++) {
            work *= (double) axes[axis].count() * axes[axis].tile() / padded(axis);
        }
        return work;
    }

    /** The network on a block, and the block's arrays: input and output, each in Java and in the library, and copies. */
    private double blockBytes(int[] size) {
        double arrays = 2.0 * (network.channels() + network.outputs()) + (entropies ? maps() : 0);
        arrays += options.mirror() ? network.channels() + 2.0 * maps() : 0;
        arrays += options.attention() ? 4 : 0;
        return product(size) * (bytesPerVoxel + 4 * arrays);
    }

    /**
     * About how much memory a network takes for each voxel of a block, in bytes: ten maps of each level's width and
     * resolution (encoder, upsampling, gate, concatenation, decoder) in 4 bytes a value. It is an upper bound: measured
     * peaks with libtorch on the CPU were 7.1 to 7.8 such maps for networks of the seed, 9.6 for the paper's. A network with
     * unknown layers is assumed to be the seed's at full width.
     */
    static double tenMaps(NetworkShape shape) {
        NetworkConfig network = shape instanceof NetworkConfig config
                ? config
                : NetworkConfig.attUNet(shape.dimension(), shape.channels(), shape.outputs());
        double valuesPerVoxel = 0;
        for (int level = 0; level < network.levels(); level++) {
            valuesPerVoxel += 10.0 * network.widths().get(level) / (1L << (level * network.dimension()));
        }
        return 4 * valuesPerVoxel;
    }

    private static double product(int[] size) {
        double voxels = 1;
        for (int n : size) {
            voxels *= n;
        }
        return voxels;
    }

    /** The slab of planes in which tiles are assembled. */
    private double slabBytes(TileMode mode, AxisTiles... axes) {
        int last = grid.dimension() - 1;
        double voxels = axes[last].longest();
        for (int axis = 0; axis < last; axis++) {
            voxels *= grid.size(axis);
        }
        double maps = maps() + (mode == TileMode.BLENDED ? 1 : 0);
        if (options.attention() && network instanceof NetworkConfig config && config.gates() != Gates.NONE) {
            maps += (config.levels() - 1) * (config.gates() == Gates.GRID_MULTI ? 2.0 : 1.0);
        }
        return 4 * voxels * maps;
    }

    private boolean fits(TilePlan plan, long budget) {
        return plan.bytes() <= budget && largestArray(plan) <= LARGEST_ARRAY;
    }

    /** The number of values in a block's largest array. */
    private double largestArray(TilePlan plan) {
        int[] size = plan.tile().stream().mapToInt(Integer::intValue).toArray();
        return Math.max(network.channels(), maps()) * product(size);
    }

    private TilePlan requireArrays(TilePlan whole) {
        if (largestArray(whole) > LARGEST_ARRAY) {
            throw new AttunetException(
                    "image", grid + " in one block", "at most 2^31 values", "choose exact or blended tiles");
        }
        return whole;
    }
}
