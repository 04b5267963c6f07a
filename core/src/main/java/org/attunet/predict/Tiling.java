package org.attunet.predict;

import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;

/**
 * Where overlapping tiles lie along an axis and how much each voxel of a tile counts.
 *
 * <p>A tile's predictions are best at its centre, where the network sees context on all sides, so tiles are blended with
 * the weights of a Gaussian whose standard deviation is an eighth of the tile, as Isensee et al. do (nnU-Net, Nature
 * Methods 18, 2021, online methods, "Inference").
 */
final class Tiling {
    /** The largest array that every Java machine can make. */
    static final long MAX_ARRAY = Integer.MAX_VALUE - 8;

    private Tiling() {}

    /**
     * The first voxels of tiles that cover an axis: evenly spread, the first at 0, the last flush with the end.
     *
     * @param size the number of voxels to cover
     * @param tile the tile's length; where it is {@code size} or more, one tile at 0 is enough
     * @param overlap the least share of a tile that its neighbour covers, 0 up to but not including 1
     */
    static int[] starts(int size, int tile, double overlap) {
        if (tile >= size) {
            return new int[] {0};
        }
        int step = Math.max(1, (int) (tile * (1 - overlap)));
        int steps = (int) Math.ceil((double) (size - tile) / step);
        int[] starts = new int[steps + 1];
        for (int i = 0; i <= steps; i++) {
            starts[i] = (int) Math.round((double) i * (size - tile) / steps);
        }
        return starts;
    }

    /** The weights of a tile's voxels along one axis: symmetric, positive, the greatest near 1 at the centre. */
    static float[] gaussian(int tile) {
        float[] weights = new float[tile];
        double centre = (tile - 1) / 2.0;
        double sigma = tile / 8.0;
        for (int i = 0; i < tile; i++) {
            double distance = (i - centre) / sigma;
            weights[i] = (float) Math.exp(-0.5 * distance * distance);
        }
        return weights;
    }

    /**
     * About how much memory a network takes while a block is computed, in bytes: ten maps of a level's width at each
     * level's resolution (encoder, upsampling, gate, concatenation, decoder), in 4 bytes a value. An upper bound: peaks
     * measured with libtorch on the CPU were 7.1 to 7.8 such maps for the seed's networks, 9.6 for the paper's. A network
     * whose layers aren't known is taken for the seed's at full width.
     *
     * @param size the block's sizes (x, y[, z])
     */
    static double estimateBytes(NetworkShape shape, int[] size) {
        NetworkConfig network = shape instanceof NetworkConfig ours
                ? ours
                : NetworkConfig.attUNet(shape.dimension(), shape.channels(), shape.outputs());
        double voxels = 1;
        for (int n : size) {
            voxels *= n;
        }
        double valuesPerVoxel = 0;
        for (int level = 0; level < network.levels(); level++) {
            valuesPerVoxel += 10.0 * network.widths().get(level) / (1L << (level * network.dimension()));
        }
        return 4 * voxels * valuesPerVoxel;
    }
}
